package io.karipap.network.rg;

import io.karipap.tensor.Tensor;

/**
 * The four halves of site tensors that face one plaquette, contracted around it: the site tensor of
 * the lattice that is turned by 45 degrees.
 */
public final class Plaquette {

  private Plaquette() {}

  /**
   * T[a,b,c,d] = sum of A[a,x,y] B[x,z,b] C[w,z,c] D[d,w,y], clockwise from the top left corner: x
   * is the upper bond, z the right, w the lower and y the left one. Cost O(chi^6).
   */
  public static Tensor contract(Tensor a, Tensor b, Tensor c, Tensor d) {
    // Einsum would permute the two tensors of chi^4 elements in between. One batch of products for
    // every a, and one for every z, leave them as the matrices that the last product needs.
    Tensor upper = batched(b.permute(2, 1, 0), a); // [bz,x] A[x,y] for every a: [a,b,z,y]
    Tensor lower = batched(d.permute(2, 0, 1), c.transpose(0, 1)); // [z,y,d,c]
    long inner = (long) b.size(1) * a.size(2);
    Tensor product = upper.reshape(-1, inner).matmul(lower.reshape(inner, -1));
    return product
        .reshape(a.size(0), b.size(2), d.size(0), c.size(2))
        .permute(0, 1, 3, 2); // [a,b,d,c] -> [a,b,c,d]
  }

  /** The product of the rows [.., .., k] with every matrix of a batch [batch, k, n]. */
  private static Tensor batched(Tensor rows, Tensor batch) {
    Tensor matrix = rows.reshape(1, -1, rows.size(2));
    return matrix.expand(batch.size(0), -1, -1).matmul(batch);
  }
}
