package io.karipap.model.gauge;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Chooses bases by what a model does on a text: every space is turned to its principal axes, the
 * ones with most energy first.
 *
 * @param config architecture
 * @param weights of the original, gains folded
 * @param statistics of the same model
 */
public record GaugeChoice(ModelConfig config, Weights weights, CalibrationStatistics statistics) {

  /**
   * The gauge that uses some symmetries and leaves the other spaces alone. Must be called inside a
   * tensor scope.
   */
  public Gauge of(Set<Symmetry> symmetries) {
    List<Gauge.Block> blocks = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(block(i, symmetries));
    }
    return new Gauge(symmetries.contains(Symmetry.RESIDUAL) ? residual() : new Unchanged(), blocks);
  }

  private Gauge.Block block(int block, Set<Symmetry> symmetries) {
    Gauge.Block free = Gauge.Block.UNCHANGED;
    ChangeOfBasis neurons = symmetries.contains(Symmetry.NEURONS) ? neurons(block) : free.neurons();
    if (!symmetries.contains(Symmetry.VALUES)) {
      return new Gauge.Block(free.values(), free.attended(), neurons);
    }
    HeadRotation values = values(block);
    return new Gauge.Block(
        values, values.repeated(config.heads() / config.keyValueHeads()), neurons);
  }

  /** Principal axes of what the norms give to the blocks, averaged over all of them. */
  private Rotation residual() {
    Tensor sum = Tensor.zeros(DType.F64, config.hiddenSize(), config.hiddenSize());
    for (int i = 0; i < config.layers(); i++) {
      sum.addInPlace(covariance(i, "self_attn.q_proj"), 0.5 / config.layers());
      sum.addInPlace(covariance(i, "mlp.gate_proj"), 0.5 / config.layers());
    }
    return new Rotation(principalAxes(sum));
  }

  /**
   * Principal axes of E[v v^T] + W_O^T W_O, each of trace 1, for the values v of each key/value
   * head and all columns of W_O that read them. An oblique basis, the SVD of W_O W_V in the metric,
   * diagonalises both; this is an orthogonal one that nearly does, in which errors keep their size.
   * Compressed in the oblique one, models diverged more from their originals.
   */
  private HeadRotation values(int block) {
    int width = config.headDimension();
    int group = config.heads() / config.keyValueHeads();
    Tensor w = matrix(block, "self_attn.v_proj");
    Tensor written = w.matmul(covariance(block, "self_attn.v_proj")).matmul(w.transpose());
    Tensor output = matrix(block, "self_attn.o_proj");
    List<Tensor> heads = new ArrayList<>();
    for (int h = 0; h < config.keyValueHeads(); h++) {
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
    return new HeadRotation(Tensor.stack(heads, 0));
  }

  /** c divided by its trace; a head that is silent stays zero. */
  private static Tensor unit(Tensor c) {
    return c.div(c.diagonal().sum().clampMin(Double.MIN_NORMAL));
  }

  /** Neurons by decreasing energy of what they add to the residual stream. */
  private Permutation neurons(int block) {
    double[] activity = covariance(block, "mlp.down_proj").diagonal().toDoubles();
    double[] reach = matrix(block, "mlp.down_proj").square().sum(0).toDoubles();
    long[] order =
        java.util.stream.IntStream.range(0, activity.length)
            .boxed()
            .sorted(java.util.Comparator.comparingDouble(i -> -activity[i] * reach[i]))
            .mapToLong(Integer::longValue)
            .toArray();
    return new Permutation(Tensor.of(order, order.length));
  }

  /** Eigenvectors of a symmetric c [n, n] in rows, by decreasing eigenvalue. */
  private static Tensor principalAxes(Tensor c) {
    int n = c.size(0);
    long[] decreasing = java.util.stream.LongStream.range(0, n).map(i -> n - 1 - i).toArray();
    Tensor vectors = Linalg.eigh(c).vectors().transpose();
    return vectors.indexSelect(0, Tensor.of(decreasing, n));
  }

  private Tensor covariance(int block, String layer) {
    return statistics.covariance("model.layers." + block + "." + layer);
  }

  private Tensor matrix(int block, String layer) {
    return NormFolding.dense(weights, "model.layers." + block + "." + layer).to(DType.F64);
  }
}
