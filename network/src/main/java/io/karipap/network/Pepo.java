package io.karipap.network;

import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A projected entangled pair operator: the matrix as a network of site tensors on a rectangular grid with open boundary.
 *
 * @param lattice the grid and all dimensions
 * @param cores one tensor per site, of {@link Lattice#shape(int)}: [o, i, left, up, right, down] without missing bonds
 */
public record Pepo(Lattice lattice, List<Tensor> cores) implements Factorization {

  /**
   * Checks the cores against the lattice.
   *
   * @throws IllegalArgumentException naming the first site that does not fit
   */
  public Pepo {
    cores = List.copyOf(cores);
    if (cores.size() != lattice.sites()) {
      throw new IllegalArgumentException(
          "a lattice of " + lattice.sites() + " sites cannot take " + cores.size() + " cores");
    }
    for (int site = 0; site < cores.size(); site++) {
      if (!Arrays.equals(cores.get(site).shape(), lattice.shape(site))) {
        throw new IllegalArgumentException(
            "core of site "
                + site
                + " has shape "
                + Arrays.toString(cores.get(site).shape())
                + ", the lattice asks for "
                + Arrays.toString(lattice.shape(site)));
      }
    }
  }

  @Override
  public int rows() {
    return lattice.matrixRows();
  }

  @Override
  public int columns() {
    return lattice.matrixColumns();
  }

  @Override
  public Pepo withCores(List<Tensor> cores) {
    return new Pepo(lattice, cores);
  }

  @Override
  public Tensor matrix() {
    return PepoContraction.ofMatrix(lattice).matrix(cores);
  }

  @Override
  public Tensor apply(Tensor x) {
    return Functions.linear(x, matrix().to(x.dtype()), Optional.empty());
  }

  @Override
  public long multiplications() {
    return (long) rows() * columns();
  }
}
