package io.karipap.network.fit;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The start of the fits: the operator is cut by truncated singular value decompositions into the
 * columns of the lattice, and every column into its sites.
 *
 * <p>The metric enters through its Kronecker part, which can be multiplied into the tensor before
 * and divided out of every core after the cuts.
 */
public final class HierarchicalSvd {

  /**
   * Largest number of elements (512 MiB) of the tensor of one lattice column with all bonds to both
   * sides. Larger networks start from random numbers.
   */
  private static final double MAX_COLUMN_ELEMENTS = 1 << 26;

  private final Lattice lattice;
  private final List<KroneckerMetric.Factor> outputs;
  private final List<KroneckerMetric.Factor> inputs;

  private HierarchicalSvd(Metric metric, Lattice lattice) {
    this.lattice = lattice;
    outputs = KroneckerMetric.outputs(metric, lattice);
    inputs = KroneckerMetric.inputs(metric, lattice);
  }

  /**
   * A network on the lattice, float64.
   *
   * @param w [m, n]
   * @throws IllegalArgumentException if the matrix or the metric is not of the lattice's size
   */
  public static Pepo start(Tensor w, Metric metric, Lattice lattice) {
    ShapeChecks.require(w, metric, lattice.matrixRows(), lattice.matrixColumns());
    if (largestColumn(lattice) > MAX_COLUMN_ELEMENTS) {
      return Restarts.random(lattice, metric, w, new RandomTensors(0));
    }
    return new HierarchicalSvd(metric, lattice).start(w.detach().to(DType.F64));
  }

  private static double largestColumn(Lattice lattice) {
    double largest = 0;
    for (int column = 0; column < lattice.columns(); column++) {
      double elements = 1;
      for (int row = 0; row < lattice.rows(); row++) {
        int site = row * lattice.columns() + column;
        int bonds = row * (lattice.columns() - 1) + column;
        elements *= (double) lattice.outputs().get(site) * lattice.inputs().get(site);
        elements *= column > 0 ? lattice.horizontalBonds().get(bonds - 1) : 1;
        elements *= column < lattice.columns() - 1 ? lattice.horizontalBonds().get(bonds) : 1;
      }
      largest = Math.max(largest, elements);
    }
    return largest;
  }

  private Pepo start(Tensor w) {
    List<Integer> between =
        IntStream.range(0, lattice.columns() - 1)
            .mapToObj(c -> rows().mapToObj(r -> horizontal(r, c)).reduce(1, Math::multiplyExact))
            .toList();
    List<Tensor> columns = SvdChain.split(byColumns(weighted(w)), between);
    Tensor[] cores = new Tensor[lattice.sites()];
    for (int column = 0; column < lattice.columns(); column++) {
      int c = column;
      List<Integer> bonds =
          IntStream.range(0, lattice.rows() - 1)
              .mapToObj(r -> lattice.verticalBonds().get(r * lattice.columns() + c))
              .toList();
      List<Tensor> sites = SvdChain.split(byRows(columns.get(c), c), bonds);
      rows().forEach(r -> cores[r * lattice.columns() + c] = core(sites.get(r), r, c));
    }
    return new Pepo(lattice, List.of(cores));
  }

  private IntStream rows() {
    return IntStream.range(0, lattice.rows());
  }

  /** The bond to the right of a site; 1 beyond the edges. */
  private int horizontal(int row, int column) {
    return column < 0 || column == lattice.columns() - 1
        ? 1
        : lattice.horizontalBonds().get(row * (lattice.columns() - 1) + column);
  }

  /** T[o_1..o_S, i_1..i_S] with the metric's factors multiplied into its legs. */
  private Tensor weighted(Tensor w) {
    long[] legs =
        LongStream.concat(
                lattice.outputs().stream().mapToLong(Integer::longValue),
                lattice.inputs().stream().mapToLong(Integer::longValue))
            .toArray();
    Tensor t = w.padTo(lattice.paddedRows(), lattice.paddedColumns()).reshape(legs);
    for (int site = 0; site < lattice.sites(); site++) {
      t = multiplied(t, site, outputs.get(site).root());
      t = multiplied(t, lattice.sites() + site, inputs.get(site).root());
    }
    return t;
  }

  private static Tensor multiplied(Tensor t, int leg, Tensor factor) {
    return t.transpose(leg, -1).matmul(factor).transpose(leg, -1);
  }

  /** One leg per lattice column: the outputs and inputs of its sites from top to bottom. */
  private Tensor byColumns(Tensor t) {
    List<Long> order = new ArrayList<>();
    long[] sizes = new long[lattice.columns()];
    for (int column = 0; column < lattice.columns(); column++) {
      sizes[column] = 1;
      for (int row = 0; row < lattice.rows(); row++) {
        int site = row * lattice.columns() + column;
        order.add((long) site);
        order.add((long) lattice.sites() + site);
        sizes[column] *= (long) lattice.outputs().get(site) * lattice.inputs().get(site);
      }
    }
    return t.permute(order.stream().mapToLong(Long::longValue).toArray()).reshape(sizes);
  }

  /**
   * One leg per site of a column [left bonds, sites, right bonds]: (left, output, input, right).
   */
  private Tensor byRows(Tensor column, int c) {
    int rows = lattice.rows();
    long[] legs = new long[4 * rows];
    long[] order = new long[4 * rows];
    long[] sizes = new long[rows];
    for (int row = 0; row < rows; row++) {
      int site = row * lattice.columns() + c;
      legs[row] = horizontal(row, c - 1);
      legs[rows + 2 * row] = lattice.outputs().get(site);
      legs[rows + 2 * row + 1] = lattice.inputs().get(site);
      legs[3 * rows + row] = horizontal(row, c);
      long[] ofSite = {row, rows + 2L * row, rows + 2L * row + 1, 3L * rows + row};
      System.arraycopy(ofSite, 0, order, 4 * row, 4);
      sizes[row] = LongStream.of(ofSite).map(leg -> legs[(int) leg]).reduce(1, (a, b) -> a * b);
    }
    return column.reshape(legs).permute(order).reshape(sizes);
  }

  /**
   * [up, (left, output, input, right), down] as a core of the lattice, the metric's factors divided
   * out.
   */
  private Tensor core(Tensor site, int row, int column) {
    int number = row * lattice.columns() + column;
    Tensor core =
        site.reshape(
                site.size(0),
                horizontal(row, column - 1),
                lattice.outputs().get(number),
                lattice.inputs().get(number),
                horizontal(row, column),
                site.size(2))
            .permute(2, 3, 1, 0, 4, 5); // o, i, left, up, right, down
    Tensor plain =
        multiplied(
            multiplied(core, 0, outputs.get(number).inverse()), 1, inputs.get(number).inverse());
    return plain.reshape(lattice.shape(number));
  }
}
