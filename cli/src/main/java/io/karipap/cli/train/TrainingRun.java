package io.karipap.cli.train;

import io.karipap.cli.console.CommandFailedException;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Interruption;
import io.karipap.cli.console.ProgressBars;
import io.karipap.model.train.Trainer;
import io.karipap.tensor.TensorScope;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;

/**
 * The steps of a training run, with what has to happen between them.
 *
 * @param state stored every so often and when the run is interrupted
 * @param checkpointEvery time between two stored states
 * @param lastStep the run ends here, or earlier where the schedule does
 * @param afterStep is told the number of every step done
 */
public record TrainingRun(
    Trainer trainer,
    TrainingState state,
    Duration checkpointEvery,
    long lastStep,
    LongConsumer afterStep) {

  private static final int STEPS_PER_LINE = 10;

  /** Trains until the end or an interruption; gives the last step's loss. */
  public OptionalDouble run(Console console) {
    long began = System.nanoTime();
    long stored = began;
    long first = trainer.step();
    OptionalDouble loss = OptionalDouble.empty();
    try (Interruption interruption = Interruption.waiting(console);
        ProgressBars bars = console.bars()) {
      bars.stage("training", trainer.settings().steps());
      while (!trainer.isDone() && trainer.step() < lastStep && !interruption.isRequested()) {
        Trainer.Step step = step();
        loss = OptionalDouble.of(step.loss());
        double seconds = (System.nanoTime() - began) * 1e-9;
        report(step, (step.number() - first) / seconds, console, bars);
        if (Duration.ofNanos(System.nanoTime() - stored).compareTo(checkpointEvery) >= 0) {
          state.save(trainer);
          stored = System.nanoTime();
        }
        afterStep.accept(step.number());
      }
      if (!trainer.isDone()) {
        state.save(trainer);
      }
    }
    return loss;
  }

  private Trainer.Step step() {
    try (var _ = new TensorScope()) {
      return trainer.next();
    } catch (IllegalStateException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()));
    }
  }

  private void report(
      Trainer.Step step, double stepsPerSecond, Console console, ProgressBars bars) {
    long steps = trainer.settings().steps();
    String note =
        String.format(
            Locale.ROOT,
            "loss %.4f, rate %.2e, %.0f tokens/s",
            step.loss(),
            step.learningRate(),
            stepsPerSecond * trainer.settings().batchTokens());
    bars.at(step.number(), note);
    boolean due = step.number() % STEPS_PER_LINE == 0 || step.number() == steps;
    if (due && !console.streams().terminal()) {
      long left = Math.round((steps - step.number()) / stepsPerSecond);
      console.note(
          "step %d of %d, %s, %d:%02d:%02d left"
              .formatted(step.number(), steps, note, left / 3600, left / 60 % 60, left % 60));
    }
  }
}
