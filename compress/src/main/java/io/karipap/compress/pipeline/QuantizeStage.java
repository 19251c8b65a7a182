package io.karipap.compress.pipeline;

import io.karipap.compress.CompressionRequest;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.quantize.ModelQuantization;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.GradientStatistics;
import java.util.Map;
import java.util.Optional;

/** Stores the numbers in the formats of the plan. */
final class QuantizeStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    context.release();
    Map<String, QuantizationSpec> numbers = model.numbers(context.architecture());
    if (numbers.isEmpty()) {
      return model;
    }
    CompressionRequest request = context.request();
    Weights original = model.prepared().weights();
    CalibrationSplit all =
        CalibrationSplit.whole(context.model(), context.text().ids(), request.calibrationTokens());
    var statistics = all.statistics(context.architecture(), original, context.progress());
    context.hold(statistics::close);
    Optional<GradientStatistics> gradients = Optional.empty();
    if (numbers.values().stream().anyMatch(c -> c.correction().isPresent())) {
      CalibrationSplit split =
          CalibrationSplit.of(context.model(), context.text().ids(), request.calibrationTokens());
      gradients =
          Optional.of(
              split.gradients(
                  context.architecture(), original, request.seed(), context.progress()));
      context.hold(gradients.get()::close);
    }
    context.calibrated(
        new WeightedMatrices(
            context.architecture(), original, new Calibration(statistics, gradients)));
    WorkingModel quantized =
        model.with(
            new ModelQuantization(context.matrices(), numbers)
                .run(
                    model.weights(),
                    model.healedTokens() > 0,
                    context.progress(),
                    context.owner()));
    context.release();
    return quantized;
  }
}
