package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeBond;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Contracts the tensors of a lattice to a matrix, site after site in the order of the lattice. */
final class LatticeContraction {

  private LatticeContraction() {}

  /**
   * The matrix, the padding left out.
   *
   * @param sites of {@link Lattice#shape}
   * @return row-major
   */
  static float[] matrix(Lattice lattice, List<HostTensor> sites) {
    HostTensor state = HostTensor.of(new float[] {1}, 1, 1); // [outputs, inputs, open bonds]
    List<Integer> open = new ArrayList<>();
    for (int site = 0; site < sites.size(); site++) {
      state = joined(state, open, sites.get(site), lattice.bondsOf(site));
    }
    int rows = lattice.matrixRows();
    int columns = lattice.matrixColumns();
    int padded = lattice.paddedColumns();
    float[] matrix = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(state.values(), row * padded, matrix, row * columns, columns);
    }
    return matrix;
  }

  /**
   * One more site: its bonds that are open are summed over, the others become open.
   *
   * @param open the state's bonds, those of its axes from the third on; brought up to date
   */
  private static HostTensor joined(
      HostTensor state, List<Integer> open, HostTensor site, List<Integer> bonds) {
    List<Integer> closed = bonds.stream().filter(open::contains).toList();
    List<Integer> kept = open.stream().filter(bond -> !closed.contains(bond)).toList();
    List<Integer> fresh = bonds.stream().filter(bond -> !closed.contains(bond)).toList();
    HostTensor left = state.permute(axes(List.of(0, 1), open, kept, closed));
    int[] order = axes(List.of(), bonds, closed, fresh);
    // closed bonds in front, then output, input and the new bonds
    int[] rightOrder =
        IntStream.concat(
                Arrays.stream(order, 0, closed.size()),
                IntStream.concat(
                    IntStream.of(0, 1), Arrays.stream(order, closed.size(), order.length)))
            .toArray();
    HostTensor right = site.permute(rightOrder);
    long inner = product(right.shape(), 0, closed.size());
    HostTensor product =
        left.reshape(left.values().length / inner, inner)
            .matmul(right.reshape(inner, right.values().length / inner));
    long keptSize = product(left.shape(), 2, 2 + kept.size());
    long freshSize = product(right.shape(), closed.size() + 2, right.shape().length);
    long outputs = state.shape()[0];
    long inputs = state.shape()[1];
    HostTensor ordered =
        product
            .reshape(outputs, inputs, keptSize, site.shape()[0], site.shape()[1], freshSize)
            .permute(0, 3, 1, 4, 2, 5);
    open.clear();
    open.addAll(kept);
    open.addAll(fresh);
    long[] shape = new long[2 + open.size()];
    shape[0] = outputs * site.shape()[0];
    shape[1] = inputs * site.shape()[1];
    System.arraycopy(left.shape(), 2, shape, 2, kept.size());
    System.arraycopy(right.shape(), closed.size() + 2, shape, 2 + kept.size(), fresh.size());
    return ordered.reshape(shape);
  }

  /** Axes of a tensor whose first two are no bonds: some, then those of two lists of bonds. */
  private static int[] axes(
      List<Integer> front, List<Integer> bonds, List<Integer> first, List<Integer> second) {
    List<Integer> axes = new ArrayList<>(front);
    first.forEach(bond -> axes.add(2 + bonds.indexOf(bond)));
    second.forEach(bond -> axes.add(2 + bonds.indexOf(bond)));
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  private static long product(long[] shape, int from, int to) {
    return Arrays.stream(shape, from, to).reduce(1, Math::multiplyExact);
  }

  /** The site tensors of a cell, the bond matrices multiplied into the first site of each bond. */
  static List<HostTensor> absorbed(CellShape shape, List<HostTensor> tensors) {
    List<HostTensor> sites = new ArrayList<>(tensors.subList(0, shape.lattice().sites()));
    int next = shape.lattice().sites();
    for (int bond = 0; bond < shape.lattice().bonds(); bond++) {
      BondMatrix kind = shape.bondMatrices().get(bond);
      if (kind != BondMatrix.NONE) {
        LatticeBond ends = LatticeBond.of(shape.lattice(), bond);
        HostTensor lambda = tensors.get(next++);
        HostTensor site = sites.get(ends.first());
        int last = site.shape().length - 1;
        HostTensor turned = site.transpose(ends.firstLeg(), last);
        long d = lambda.shape()[0];
        HostTensor full = kind == BondMatrix.FULL ? lambda : diagonal(lambda.values());
        HostTensor product =
            turned.reshape(turned.values().length / d, d).matmul(full).reshape(turned.shape());
        sites.set(ends.first(), product.transpose(ends.firstLeg(), last));
      }
    }
    return sites;
  }

  private static HostTensor diagonal(float[] values) {
    int d = values.length;
    float[] full = new float[d * d];
    for (int i = 0; i < d; i++) {
      full[i * d + i] = values[i];
    }
    return HostTensor.of(full, d, d);
  }
}
