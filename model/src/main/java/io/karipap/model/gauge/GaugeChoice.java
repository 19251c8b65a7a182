package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Space;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.WeightSource;
import io.karipap.model.io.WeightsInMemory;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Chooses bases by what a model does on a text: every space is turned to its principal axes, the
 * ones with most energy first.
 *
 * @param source the original, gains folded
 * @param statistics of the same model
 */
public record GaugeChoice(WeightSource source, CalibrationStatistics statistics) {

  /** Chooses for a model in memory. */
  public GaugeChoice(Architecture architecture, Weights weights, CalibrationStatistics statistics) {
    this(new WeightsInMemory(architecture, weights), statistics);
  }

  /**
   * The gauge that uses some symmetries and leaves the other spaces alone. Must be called inside a
   * tensor scope.
   *
   * @throws IllegalArgumentException if the architecture does not have one of them
   */
  public Gauge of(Set<Symmetry> symmetries) {
    Symmetry.require(source.architecture(), symmetries);
    Map<Space, ChangeOfBasis> bases = new LinkedHashMap<>();
    for (Space space : source.architecture().spaces()) {
      if (symmetries.stream().anyMatch(symmetry -> symmetry.turns(space))) {
        bases.put(space, basis(space));
      }
    }
    return new Gauge(bases);
  }

  private ChangeOfBasis basis(Space space) {
    try (TensorScope scope = new TensorScope()) {
      return basis(space, scope);
    }
  }

  /** The basis, its tensor kept by the scope around this one. */
  private ChangeOfBasis basis(Space space, TensorScope scope) {
    return switch (space.freedom()) {
      case NONE -> new Unchanged();
      case ROTATION -> new Rotation(scope.keep(rotation(space)));
      case HEAD_ROTATION -> new HeadRotation(scope.keep(heads(space)));
      case PERMUTATION -> new Permutation(scope.keep(permutation(space)));
    };
  }

  /** Principal axes of what the norms give to the blocks, averaged over all of them. */
  private Tensor rotation(Space space) {
    Map<String, MatrixSpec> readers = new LinkedHashMap<>(); // one behind each norm
    source.matrices().stream()
        .filter(matrix -> matrix.inBlock() && matrix.input().equals(space))
        .forEach(matrix -> readers.putIfAbsent(matrix.norm().orElse(matrix.name()), matrix));
    Tensor sum = Tensor.zeros(DType.F64, space.size(), space.size());
    readers.values().forEach(reader -> sum.addInPlace(covariance(reader), 1.0 / readers.size()));
    return principalAxes(sum);
  }

  /**
   * Principal axes of E[v v^T] + W_O^T W_O, each of trace 1, for the values v of each key/value
   * head and all columns of W_O that read them. An oblique basis, the SVD of W_O W_V in the metric,
   * diagonalises both; this is an orthogonal one that nearly does, in which errors keep their size.
   * Compressed in the oblique one, models diverged more from their originals.
   */
  private Tensor heads(Space space) {
    int width = space.width();
    MatrixSpec writer = writer(space);
    MatrixSpec reader = reader(space);
    int group = reader.input().copies();
    Tensor w = matrix(writer);
    Tensor written = w.matmul(covariance(writer)).matmul(w.transpose());
    Tensor output = matrix(reader);
    List<Tensor> heads = new ArrayList<>();
    for (int h = 0; h < space.heads(); h++) {
      long start = (long) h * width;
      Tensor values = written.narrow(0, start, width).narrow(1, start, width);
      // the query heads of a group lie next to each other: their columns go below each other
      Tensor readers =
          output
              .narrow(1, group * start, (long) group * width)
              .reshape(-1, group, width)
              .reshape(-1, width);
      heads.add(principalAxes(unit(values).add(unit(readers.transpose().matmul(readers)))));
    }
    return Tensor.stack(heads, 0);
  }

  /** c divided by its trace; a head that is silent stays zero. */
  private static Tensor unit(Tensor c) {
    return c.div(c.diagonal().sum().clampMin(Double.MIN_NORMAL));
  }

  /** Neurons by decreasing energy of what they add to the residual stream. */
  private Tensor permutation(Space space) {
    MatrixSpec reader = reader(space);
    double[] activity = covariance(reader).diagonal().toDoubles();
    double[] reach = matrix(reader).square().sum(0).toDoubles();
    long[] order =
        IntStream.range(0, activity.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -activity[i] * reach[i]))
            .mapToLong(Integer::longValue)
            .toArray();
    return Tensor.of(order, order.length);
  }

  /** Eigenvectors of a symmetric c [n, n] in rows, by decreasing eigenvalue. */
  private static Tensor principalAxes(Tensor c) {
    int n = c.size(0);
    long[] decreasing = LongStream.range(0, n).map(i -> n - 1 - i).toArray();
    Tensor vectors = Linalg.eigh(c).vectors().transpose();
    return vectors.indexSelect(0, Tensor.of(decreasing, n));
  }

  private MatrixSpec writer(Space space) {
    return only(space, MatrixSpec::output);
  }

  private MatrixSpec reader(Space space) {
    return only(space, MatrixSpec::input);
  }

  private MatrixSpec only(Space space, Function<MatrixSpec, Space> side) {
    return source.matrices().stream()
        .filter(matrix -> side.apply(matrix).single().equals(space))
        .findFirst()
        .orElseThrow();
  }

  private Tensor covariance(MatrixSpec matrix) {
    return statistics.covariance(matrix.name());
  }

  private Tensor matrix(MatrixSpec matrix) {
    return source.matrix(matrix).to(DType.F64);
  }
}
