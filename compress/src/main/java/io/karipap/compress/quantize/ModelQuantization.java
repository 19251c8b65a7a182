package io.karipap.compress.quantize;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.Progress;
import io.karipap.compress.ProgressCounter;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.fit.EmbeddingFit;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Codes the numbers of matrices and networks in few bits, each in its metric. */
public final class ModelQuantization {

  private final ModelConfig config;
  private final Weights original;
  private final CalibrationStatistics statistics;
  private final Optional<GradientStatistics> gradients;
  private final Map<String, QuantizationSpec> numbers;

  /**
   * A rounding.
   *
   * @param original in the basis of the compressed model
   * @param statistics of its layers' inputs in this basis
   * @param gradients of its outputs, which corrections are fitted with
   * @param numbers the format of each matrix that is to be coded, by name
   */
  public ModelQuantization(
      ModelConfig config,
      Weights original,
      CalibrationStatistics statistics,
      Optional<GradientStatistics> gradients,
      Map<String, QuantizationSpec> numbers) {
    this.config = config;
    this.original = original;
    this.statistics = statistics;
    this.gradients = gradients;
    this.numbers = numbers;
  }

  /**
   * Rounds matrices of a compressed model, as many at a time as there are processors.
   *
   * @param healed whether its matrices have been trained: they are rounded to what they are then,
   *     and otherwise to what the original's are
   * @param owner holds the scales
   * @return those that are coded, in the order of the model; their errors are against the original
   */
  public List<FittedMatrix> run(
      Weights weights, boolean healed, Progress progress, TensorOwner owner) {
    progress.stage("rounding", numbers.size());
    ProgressCounter done = new ProgressCounter(progress);
    List<Callable<FittedMatrix>> tasks = new ArrayList<>();
    weights
        .matrices()
        .forEach((name, f) ->
            Optional.ofNullable(numbers.get(name))
                .ifPresent(coding ->
                    tasks.add(() -> {
                      FittedMatrix rounded = round(name, f, coding, healed, owner);
                      done.add(name);
                      return rounded;
                    })));
    try (var workers = new Workers(Threads.available())) {
      return workers.run(tasks);
    }
  }

  private FittedMatrix round(
      String name, Factorization f, QuantizationSpec coding, boolean healed, TensorOwner owner) {
    Tensor w = original.matrix(name).matrix().to(DType.F64);
    Metric metric = metric(name);
    Tensor target = healed ? f.matrix().to(DType.F64) : w;
    Factorization coded =
        coding.correction().isPresent()
            ? MatrixQuantizer.round(f, bothSides(name, target, metric), coding)
            : MatrixQuantizer.round(f, target, metric, coding);
    double error = metric.error(w, coded.matrix());
    Factorization owned = coded.map(owner::own);
    return new FittedMatrix(owned, StoredFactorization.entry(name, owned, error));
  }

  private WeightedMatrix bothSides(String name, Tensor target, Metric inputs) {
    WeightedMatrices matrices =
        new WeightedMatrices(
            config,
            original.with(Map.of(name, new Dense(target))),
            statistics,
            gradients.orElseThrow());
    return name.equals(Decoder.EMBEDDINGS) || name.equals(Decoder.HEAD)
        ? matrices.outside(name)
        : matrices.inBlock(name, inputs);
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
