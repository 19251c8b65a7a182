package io.karipap.compress.heal;

import io.karipap.compress.Progress;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.text.TextMixture;
import io.karipap.model.train.Objective;
import io.karipap.model.train.Parameterization;
import io.karipap.model.train.Trainer;
import io.karipap.model.train.TrainingCheckpoint;
import io.karipap.model.train.TrainingSettings;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a compressed model towards its original: block by block if that is asked for, and then by
 * distillation. Both are the same loop over another {@link Objective}.
 */
final class Healer {

  private static final Logger LOG = LoggerFactory.getLogger(Healer.class);

  /** Block-wise phases have windows of one block, then of two, and so on up to this number. */
  private static final int MAX_WINDOW_BLOCKS = 2;

  private final HealTask task;
  private final Path folder;
  private final TensorOwner owner;
  private final Progress progress;
  private final HealSchedule schedule;
  private final HealText text;
  private final TextMixture batches;
  private final Decoder teacher;

  /**
   * Prepares a healing. Must be made inside a tensor scope that stays open.
   *
   * @param folder where the run is stored, and continued from if it is there
   * @param owner holds the result
   */
  Healer(HealTask task, Path folder, TensorOwner owner, Progress progress) {
    Decoder original = task.original();
    this.task = task;
    this.folder = folder;
    this.owner = owner;
    this.progress = progress;
    this.schedule =
        HealSchedule.of(
            original.config(), task.start(), task.tokens(), task.options(), task.seed());
    this.text = HealText.split(task.text(), original.config().contextLength(), task.tokens());
    this.batches = text.mixture(schedule.settings());
    this.teacher =
        new Decoder(original.architecture(), original.weights(), schedule.settings().compute());
  }

  /**
   * One loop of a healing.
   *
   * @param stage name of the progress
   * @param state file of the run's state
   * @param trained start of the run
   * @param best the variables that the run ends with; empty for the last ones
   */
  private record Phase(
      String stage,
      Path state,
      HealSchedule schedule,
      Objective objective,
      Parameterization trained,
      Optional<BestWeights> best) {}

  private record Trained(Weights weights, long tokens) {}

  HealOutcome run() {
    Evaluation before = evaluate(task.start());
    Weights start = task.start();
    float divergence = divergence(before);
    if (task.options().blockwise() > 0) {
      for (int blocks = 1; blocks <= MAX_WINDOW_BLOCKS; blocks++) {
        start = train(reconstruction(start, blocks)).weights();
      }
      divergence = divergence(evaluate(start));
    }
    Trained trained = train(distillation(start, divergence));
    return new HealOutcome(
        trained.weights(), before, evaluate(trained.weights()), trained.tokens());
  }

  private Phase reconstruction(Weights start, int blocks) {
    return new Phase(
        "blocks",
        folder.resolve("blocks%d.safetensors".formatted(blocks)),
        schedule.withoutLooks(Math.max(1, task.options().blockwise() / MAX_WINDOW_BLOCKS)),
        new BlockReconstruction(teacher, blocks),
        parameterization(start),
        Optional.empty());
  }

  private Phase distillation(Weights start, float divergence) {
    Parameterization trained = parameterization(start);
    BestWeights best =
        new BestWeights(
            trained.start().stream().map(t -> owner.own(t.copy())).toList(),
            divergence,
            folder.resolve("best.safetensors"));
    return new Phase(
        "healing",
        folder.resolve("state.safetensors"),
        schedule,
        new Distillation(teacher, task.options().hiddenWeight()),
        trained,
        Optional.of(best));
  }

  private Parameterization parameterization(Weights start) {
    return HealParameterization.of(teacher.architecture(), start, task.options(), task.seed());
  }

  /** To the end of the schedule, or until its patience with the held-out text has ended. */
  private Trained train(Phase phase) {
    TrainingSettings settings = phase.schedule().settings();
    progress.stage(phase.stage(), settings.steps() * settings.batchTokens());
    try (Trainer trainer =
        new Trainer(
            teacher.architecture(), phase.trained(), batches, settings, phase.objective())) {
      if (Files.exists(phase.state())) {
        phase.best().ifPresent(BestWeights::restore);
        TrainingCheckpoint.restore(trainer, phase.state());
      }
      Throughput pace = new Throughput(settings, trainer.step());
      while (phase
          .schedule()
          .goesOnAfter(trainer.step(), phase.best().map(BestWeights::step).orElse(0L))) {
        try (var _ = new TensorScope()) {
          Trainer.Step step = trainer.next();
          if (phase.schedule().looksAfter(step.number())) {
            phase.best().ifPresent(best -> look(trainer, best));
            TrainingCheckpoint.save(trainer, phase.state());
          }
          progress.at(step.number() * settings.batchTokens(), note(phase, step, pace));
        }
      }
      var variables = phase.best().map(BestWeights::variables).orElseGet(trainer::variables);
      return new Trained(
          phase.trained().stored(variables).map(t -> owner.own(t.copy())),
          trainer.step() * settings.batchTokens());
    }
  }

  private void look(Trainer trainer, BestWeights best) {
    float divergence = divergence(evaluate(trainer.weights()));
    best.offer(trainer.variables(), divergence, trainer.step());
    LOG.info(
        "step {} of {}: held-out KL {} nats per token, best {} after step {}",
        trainer.step(),
        trainer.settings().steps(),
        "%.4f".formatted(divergence),
        "%.4f".formatted(best.divergence()),
        best.step());
  }

  private static String note(Phase phase, Trainer.Step step, Throughput pace) {
    return "loss %.3f, %s%s"
        .formatted(
            step.loss(),
            phase.best().map(b -> "held-out KL %.3f, ".formatted(b.divergence())).orElse(""),
            pace.after(step.number()));
  }

  private Evaluation evaluate(Weights student) {
    return text.evaluate(student, task.original());
  }

  /** Nats per token. */
  private static float divergence(Evaluation evaluation) {
    return (float) evaluation.comparison().orElseThrow().kl();
  }
}
