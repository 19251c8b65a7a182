package io.karipap.network;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeForm;
import io.karipap.network.contract.PepoContraction;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A projected entangled pair operator: the matrix as a network of site tensors on a rectangular
 * grid with open boundary.
 *
 * @param lattice the grid and all dimensions
 * @param cores one tensor per site, of {@link Lattice#shape(int)}: [o, i, left, up, right, down]
 *     without missing bonds
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
  public LatticeForm form() {
    return new LatticeForm(lattice);
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
  public Pepo to(DType type) {
    return withCores(cores.stream().map(core -> core.to(type)).toList());
  }

  @Override
  public Tensor matrix() {
    return PepoContraction.ofMatrix(lattice).matrix(cores);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The matrix is rebuilt, unless contracting the sites with the vectors one after the other is
   * cheaper for this number of vectors.
   */
  @Override
  public Tensor apply(Tensor x) {
    long vectors = x.elements() / columns();
    PepoContraction rebuilt = PepoContraction.ofMatrix(lattice);
    PepoContraction stepwise = PepoContraction.ofVectors(lattice, Math.toIntExact(vectors));
    double dense = (double) rows() * columns();
    if (rebuilt.order().multiplications() + (double) vectors * dense
        <= stepwise.order().multiplications()) {
      return Functions.linear(x, rebuilt.matrix(cores).to(x.dtype()), Optional.empty());
    }
    long[] shape = x.shape();
    shape[shape.length - 1] = rows();
    List<Tensor> converted = cores.stream().map(core -> core.to(x.dtype())).toList();
    return stepwise.apply(x.reshape(vectors, columns()), converted).reshape(shape);
  }

  @Override
  public long multiplications() {
    return (long) rows() * columns();
  }
}
