package io.karipap.compress.quantize;

import io.karipap.compress.Progress;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Weights;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Quantizes the numbers of a model's matrices, each in the metric in which its form and its format
 * were decided: in nats where there are gradients, and in that of its inputs otherwise.
 *
 * @param matrices of the original, in the basis of the compressed model
 * @param numbers the format of each matrix that is to be quantized, by name
 */
public record ModelQuantization(WeightedMatrices matrices, Map<String, QuantizationSpec> numbers) {

  /** Copies the map. */
  public ModelQuantization {
    numbers = Map.copyOf(numbers);
  }

  /**
   * Quantizes matrices of a compressed model, as many at a time as there are processors.
   *
   * @param healed whether its matrices have been trained; the target of the rounding is then the
   *     trained matrix, and otherwise the original's
   * @param owner holds the scales
   * @return those that are quantized, in the order of the model; their errors are against the
   *     original
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
                .ifPresent(spec ->
                    tasks.add(() -> {
                      FittedMatrix quantized = quantized(name, f, spec, healed, owner);
                      done.add(name);
                      return quantized;
                    })));
    try (var workers = new Workers(Threads.available())) {
      return workers.run(tasks);
    }
  }

  private FittedMatrix quantized(
      String name, Factorization f, QuantizationSpec spec, boolean healed, TensorOwner owner) {
    WeightedMatrix matrix = matrices.decisive(name);
    WeightedMatrix target = healed ? matrix.with(f.matrix().to(DType.F64)) : matrix;
    Factorization coded = MatrixQuantizer.round(f, target, spec);
    return matrices.reported(matrix).described(coded.map(owner::own));
  }
}
