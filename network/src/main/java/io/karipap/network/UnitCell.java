package io.karipap.network;

import io.karipap.checkpoint.form.CellForm;
import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.LatticeBond;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One matrix of a unit cell that repeats with depth: site tensors shared with the same matrix of
 * the neighbouring blocks, and bond matrices of its own. The members of a cell hold the same {@link
 * Tensor} objects for the shared tensors.
 *
 * @param shape sites, bonds, and which tensors are shared
 * @param position the member's place in its cell, from 0: the shared tensors are stored with the
 *     first one
 * @param cores the tensors, see {@link CellShape}
 */
public record UnitCell(CellShape shape, int position, List<Tensor> cores) implements Factorization {

  /**
   * Checks the tensors against the shape.
   *
   * @throws IllegalArgumentException naming the first tensor that does not fit
   */
  public UnitCell {
    cores = List.copyOf(cores);
    List<long[]> shapes = shape.shapes();
    if (position < 0 || cores.size() != shapes.size()) {
      throw new IllegalArgumentException(
          "a cell of %d tensors cannot take %d, nor position %d"
              .formatted(shapes.size(), cores.size(), position));
    }
    for (int core = 0; core < cores.size(); core++) {
      if (!Arrays.equals(cores.get(core).shape(), shapes.get(core))) {
        throw new IllegalArgumentException(
            "tensor %d of a cell has shape %s, needed is %s"
                .formatted(
                    core,
                    Arrays.toString(cores.get(core).shape()),
                    Arrays.toString(shapes.get(core))));
      }
    }
  }

  @Override
  public CellForm form() {
    return new CellForm(shape, position);
  }

  @Override
  public int rows() {
    return shape.lattice().matrixRows();
  }

  @Override
  public int columns() {
    return shape.lattice().matrixColumns();
  }

  @Override
  public UnitCell withCores(List<Tensor> cores) {
    return new UnitCell(shape, position, cores);
  }

  /** The tensors that this matrix has of its own. */
  public List<Tensor> own() {
    return IntStream.range(0, cores.size())
        .filter(core -> !shape.isShared(core))
        .mapToObj(cores::get)
        .toList();
  }

  /** The tensors that all members of the cell have. */
  public List<Tensor> shared() {
    return IntStream.range(0, cores.size()).filter(shape::isShared).mapToObj(cores::get).toList();
  }

  /** The same operator as an ordinary network, the bond matrices multiplied into the sites. */
  public Pepo absorbed() {
    return new Pepo(shape.lattice(), absorb(shape, cores));
  }

  @Override
  public Tensor matrix() {
    return absorbed().matrix();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Two sites are applied one after the other, larger cells as {@link Pepo} does.
   */
  @Override
  public Tensor apply(Tensor x) {
    if (!shape.isPair()) {
      return absorbed().apply(x);
    }
    Tensor right = cores.get(1).to(x.dtype()).reshape(columns(), -1); // [1, n, D]
    Tensor left = cores.get(0).to(x.dtype()).reshape(rows(), -1); // [m, 1, D]
    Tensor hidden = x.matmul(right);
    Tensor scaled =
        switch (shape.bondMatrices().getFirst()) {
          case NONE -> hidden;
          case DIAGONAL -> hidden.mul(cores.get(2).to(x.dtype()));
          case FULL -> Functions.linear(hidden, cores.get(2).to(x.dtype()), Optional.empty());
        };
    return Functions.linear(scaled, left, Optional.empty());
  }

  @Override
  public long multiplications() {
    return shape.isPair() ? parameters() : (long) rows() * columns();
  }

  /**
   * The site tensors with the bond matrices multiplied into the first site of each bond.
   *
   * @param cores of one matrix, in the order of its shape
   */
  public static List<Tensor> absorb(CellShape shape, List<Tensor> cores) {
    List<Tensor> sites = new ArrayList<>(cores.subList(0, shape.lattice().sites()));
    int next = shape.lattice().sites();
    for (int bond = 0; bond < shape.lattice().bonds(); bond++) {
      if (shape.bondMatrices().get(bond) != CellShape.BondMatrix.NONE) {
        LatticeBond ends = LatticeBond.of(shape.lattice(), bond);
        Tensor lambda = cores.get(next++);
        Tensor site = sites.get(ends.first()).transpose(ends.firstLeg(), -1);
        Tensor product =
            shape.bondMatrices().get(bond) == CellShape.BondMatrix.FULL
                ? site.matmul(lambda)
                : site.mul(lambda);
        sites.set(ends.first(), product.transpose(ends.firstLeg(), -1));
      }
    }
    return sites;
  }
}
