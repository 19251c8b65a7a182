package io.karipap.compress.fit;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;

/**
 * The metrics of a model's matrices, all in nats per token.
 *
 * <p>Blocks: C of the inputs and G of the outputs. Embeddings E: a row is looked up with its
 * token's frequency f_t and felt through G_0, the gradients of the residual stream at its
 * beginning. Head H: the error of a logit weighs E[p_t (1 - p_t)], the diagonal of its Gauss-Newton
 * matrix, on the normed states' C; what connects the logits is neglected. A tied table is both.
 */
public final class WeightedMatrices {

  /** What a token that never came up counts, of the average one. */
  private static final double UNSEEN = 0.1;

  private final ModelConfig config;
  private final Weights weights;
  private final CalibrationStatistics statistics;
  private final GradientStatistics gradients;

  public WeightedMatrices(
      ModelConfig config,
      Weights weights,
      CalibrationStatistics statistics,
      GradientStatistics gradients) {
    this.config = config;
    this.weights = weights;
    this.statistics = statistics;
    this.gradients = gradients;
  }

  /** The metric of a matrix in a block, its input side given. */
  public WeightedMatrix inBlock(String name, Metric inputs) {
    return WeightedMatrix.of(name, w(name), inputs.withOutput(gradients.outputGradient(name)));
  }

  /** Embeddings, or a head that is not tied to them. */
  public WeightedMatrix outside(String name) {
    Tensor looked = smoothed(statistics.frequencies().to(DType.F64));
    Tensor felt = gradients.outputGradient(Decoder.EMBEDDINGS);
    Tensor logits = smoothed(gradients.logitVariances());
    Tensor states = statistics.covariance(Decoder.HEAD);
    if (name.equals(Decoder.HEAD)) {
      return WeightedMatrix.ofTable(name, w(name), logits, states);
    }
    if (!config.tiedEmbeddings()) {
      return WeightedMatrix.ofTable(name, w(name), looked, felt);
    }
    // D_1 (x) M_1 + D_2 (x) M_2 as one product: each side is the sum weighted by the other's trace
    double asLookup = felt.diagonal().sum().item();
    double asHead = states.diagonal().sum().item();
    double lookups = looked.sum().item();
    double heads = logits.sum().item();
    Tensor rows = looked.mul(asLookup).add(logits.mul(asHead));
    Tensor elements = felt.mul(lookups).add(states.mul(heads));
    double total = asLookup * lookups + asHead * heads;
    return WeightedMatrix.ofTable(name, w(name), rows.mul(1 / total), elements);
  }

  private static Tensor smoothed(Tensor weights) {
    return weights.add(UNSEEN * weights.mean().item());
  }

  private Tensor w(String name) {
    return weights.matrix(name).matrix().to(DType.F64);
  }
}
