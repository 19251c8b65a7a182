package io.karipap.compress;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.model.CalibrationStatistics;
import io.karipap.model.Decoder;
import io.karipap.model.StoredFactorization;
import io.karipap.model.Weights;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.NetworkRounding;
import io.karipap.network.quantise.Gptq;
import io.karipap.network.quantise.Scheme;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Codes the numbers of all matrices and networks in few bits, each in its metric. */
final class ModelRounding {

  private final ModelConfig config;
  private final Weights original;
  private final CalibrationStatistics statistics;
  private final Scheme scheme;

  /**
   * A rounding.
   *
   * @param original in the basis of the compressed model
   * @param statistics of its layers' inputs in this basis
   */
  ModelRounding(
      ModelConfig config, Weights original, CalibrationStatistics statistics, Scheme scheme) {
    this.config = config;
    this.original = original;
    this.statistics = statistics;
    this.scheme = scheme;
  }

  /**
   * Rounds all matrices of a compressed model.
   *
   * @param healed whether its matrices have been trained: they are rounded to what they are then,
   *     and otherwise to what the original's are
   * @param owner holds the scales
   * @return their errors are against the original
   */
  List<FittedMatrix> run(Weights weights, boolean healed, Progress progress, TensorOwner owner) {
    List<FittedMatrix> rounded = new ArrayList<>();
    progress.stage("rounding", weights.matrices().size());
    for (Map.Entry<String, Factorization> matrix : weights.matrices().entrySet()) {
      try (var _ = new TensorScope()) {
        rounded.add(round(matrix.getKey(), matrix.getValue(), healed, owner));
      }
      progress.at(rounded.size(), matrix.getKey());
    }
    return rounded;
  }

  private FittedMatrix round(String name, Factorization f, boolean healed, TensorOwner owner) {
    Tensor w = original.matrix(name).matrix().to(DType.F64);
    Metric metric = metric(name);
    Fitted fitted =
        NetworkRounding.round(f, healed ? f.matrix() : w, metric, scheme, Gptq.standard());
    Factorization coded = fitted.factorization();
    double error = metric.error(w, coded.matrix());
    Factorization owned = coded.withCores(coded.cores().stream().map(owner::own).toList());
    return new FittedMatrix(owned, StoredFactorization.entry(name, owned, error));
  }

  private Metric metric(String name) {
    return switch (name) {
      case Decoder.EMBEDDINGS ->
          config.tiedEmbeddings()
              ? EmbeddingFit.tied(statistics.covariance(Decoder.HEAD))
              : Metric.identity(config.hiddenSize());
      // its input is not among the statistics
      case Decoder.HEAD_GAIN -> Metric.identity(config.hiddenSize());
      default -> Metric.of(statistics.covariance(name));
    };
  }
}
