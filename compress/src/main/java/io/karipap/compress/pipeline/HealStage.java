package io.karipap.compress.pipeline;

import io.karipap.compress.HealOptions;
import io.karipap.compress.heal.HealTask;
import io.karipap.compress.heal.Healing;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.network.Dense;
import io.karipap.tensor.TensorScope;

/**
 * Distills from the original, before or after numbers are quantized.
 *
 * @param folder that keeps its state
 */
record HealStage(String folder, boolean isLast) implements Stage {

  /** The distillation between fits and quantization. */
  static HealStage beforeQuantization() {
    return new HealStage("healing", false);
  }

  /** The distillation of all tokens that are left. */
  static HealStage afterQuantization() {
    return new HealStage("rounded", true);
  }

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    long tokens = tokens(context.request().run().healTokens(), model, context.architecture());
    if (tokens == 0) {
      return model;
    }
    try (var _ = new TensorScope()) {
      HealTask task =
          new HealTask(
              new Decoder(context.architecture(), model.prepared().source().all()),
              model.weights(),
              context.text().ids(),
              tokens,
              HealOptions.standard(),
              context.request().run().seed());
      Weights trained =
          Healing.heal(
                  task, context.directory().folder(folder), context.owner(), context.progress())
              .weights();
      return model.healed(trained, tokens);
    }
  }

  private long tokens(long all, WorkingModel model, Architecture architecture) {
    if (isLast) {
      return all - model.healedTokens();
    }
    boolean cut = model.weights().matrices().values().stream().anyMatch(f -> !(f instanceof Dense));
    boolean quantized = !model.numbers(architecture).isEmpty();
    return Healing.tokensBeforeQuantization(all, cut, quantized);
  }
}
