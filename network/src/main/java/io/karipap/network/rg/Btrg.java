package io.karipap.network.rg;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Bond-weighted tensor renormalization of an infinite square lattice (Adachi, Okubo and Todo, Phys.
 * Rev. B 105, L060402): TRG with a part of every singular value left on its bond.
 *
 * @param block the coarse-grained tensor T[l,u,r,d] without its bonds' weights
 * @param horizontal weights of the bonds to the left and right, [l]
 * @param vertical weights of the bonds up and down, [u]
 */
public record Btrg(Coarse block, Tensor horizontal, Tensor vertical)
    implements RenormalizationScheme<Btrg> {

  /** The hyperparameter k for which a scale-invariant tensor stays as it is; 0 would be TRG. */
  private static final double K = -0.5;

  /** The lattice of one site tensor T[l,u,r,d], all weights 1. */
  public static Btrg of(Tensor site) {
    return new Btrg(
        Coarse.ofSite(site),
        Tensor.full(1, DType.F64, site.size(0)),
        Tensor.full(1, DType.F64, site.size(1)));
  }

  /**
   * The lattice turns by 45 degrees and thins by a factor 2: T = U S V becomes U S^((1-k)/2), the
   * weight S^k and S^((1-k)/2) V. Cost O(chi^6).
   */
  @Override
  public Btrg step(TruncationRule truncation) {
    Split even = Split.of(block.tensor(), "lurd -> lu|rd", truncation);
    Split odd = Split.of(block.tensor(), "lurd -> ld|ru", truncation);
    double power = (1 - K) / 2;
    // two opposite halves take the old weights of the four bonds around the plaquette
    Tensor topLeft = even.right(power).mul(horizontal.reshape(-1, 1)).mul(vertical); // [a,x,y]
    Tensor bottomRight =
        even.left(power).mul(horizontal.reshape(-1, 1, 1)).mul(vertical.reshape(-1, 1)); // [w,z,c]
    Tensor next = Plaquette.contract(topLeft, odd.left(power), bottomRight, odd.right(power));
    return new Btrg(block.next(next, 2), even.s().pow(K), odd.s().pow(K));
  }

  @Override
  public double logZPerSite() {
    return block.logZPerSite(Tensor.einsum("abab,a,b->", block.tensor(), horizontal, vertical));
  }

  @Override
  public Btrg map(UnaryOperator<Tensor> replace) {
    return new Btrg(block.map(replace), replace.apply(horizontal), replace.apply(vertical));
  }
}
