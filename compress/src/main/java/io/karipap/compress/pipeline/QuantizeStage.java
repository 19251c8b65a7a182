package io.karipap.compress.pipeline;

import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.quantize.ModelQuantization;
import io.karipap.compress.store.FittedMatrix;
import java.util.List;
import java.util.Map;

/** Stores the numbers in the formats of the plan, in the metrics that the plan was made in. */
final class QuantizeStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    Map<String, QuantizationSpec> numbers = model.numbers(context.architecture());
    if (numbers.isEmpty()) {
      return model;
    }
    boolean healed = model.healedTokens() > 0;
    List<FittedMatrix> quantized =
        new ModelQuantization(context.matrices(), numbers)
            .run(model.weights(), healed, context.progress(), context.owner());
    context.release();
    return model.with(quantized);
  }
}
