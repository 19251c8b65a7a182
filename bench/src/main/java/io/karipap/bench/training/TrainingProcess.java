package io.karipap.bench.training;

import io.karipap.bench.training.TrainingArguments.Task;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.heal.Distillation;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.Architectures;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.train.Objective;
import io.karipap.model.train.Trainer;
import io.karipap.model.train.TrainingSettings;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Trains one form in a process of its own, so that its peak memory is its own: one step for every
 * line of standard input.
 *
 * <p>It first says how many parameters the model has and how many operations a step takes, and then
 * for every step its seconds, those of all processors together, and the peak memory in bytes until
 * then, that of an idle process subtracted (0 where the system does not say).
 */
public final class TrainingProcess {

  /** Most tokens of a forward and backward pass. */
  static final int MICRO_TOKENS = 4096;

  private static final double HIDDEN_WEIGHT = 1;

  private TrainingProcess() {}

  /**
   * Runs steps until standard input ends.
   *
   * @param words config.json, form, share, task, type, batch, context
   */
  public static void main(String[] words) {
    Architecture architecture = Architectures.standard().read(Path.of(words[0]));
    FactorizationKind form = FactorizationKind.of(words[1]);
    double share = Double.parseDouble(words[2]);
    Task task = Task.of(words[3]);
    DType type = DType.valueOf(words[4]);
    int batch = Integer.parseInt(words[5]);
    int context = Integer.parseInt(words[6]);
    int micro = Math.max(context, Math.min(batch, MICRO_TOKENS) / context * context);
    var settings =
        new TrainingSettings(
            1L << 40,
            new TrainingSettings.Batch(batch, micro, context),
            new TrainingSettings.Optimization(1e-4, 1, 0.1, 0.1, 1),
            type,
            1);
    double _ = new Gemm(64, 64, 64).seconds(type); // loads the kernels
    long idle = memory("VmRSS:");
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Objective objective =
          switch (task) {
            case FINETUNE -> Objective::nextToken;
            case HEAL -> new Distillation(original(architecture, owner, type), HIDDEN_WEIGHT);
          };
      try (var trainer = trainer(architecture, form, share, settings, objective)) {
        TrainingCost own = TrainingCost.of(architecture, trainer.weights(), context);
        TrainingCost cost =
            task == Task.HEAL ? own.plus(TrainingCost.forward(architecture, context)) : own;
        trainer.next();
        System.out.println(trainer.weights().parameters() + " " + cost.of(batch));
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (lines.readLine() != null) {
          long start = System.nanoTime();
          long processorStart = processorTime();
          trainer.next();
          double seconds = (System.nanoTime() - start) * 1e-9;
          double processor = (processorTime() - processorStart) * 1e-9;
          long bytes = Math.max(0, memory("VmHWM:") - idle);
          System.out.println(seconds + " " + processor + " " + bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Decoder original(Architecture architecture, TensorOwner owner, DType type) {
    try (var _ = new TensorScope()) {
      Weights weights =
          RandomNetworks.of(architecture, 1, FactorizationKind.DENSE, 2).map(owner::own);
      return new Decoder(architecture, weights, type);
    }
  }

  private static Trainer trainer(
      Architecture architecture,
      FactorizationKind form,
      double share,
      TrainingSettings settings,
      Objective objective) {
    int[] ids = new Random(1).ints(100_000, 0, architecture.config().vocabularySize()).toArray();
    TextMixture text =
        new TextMixture(
            List.of(new TextMixture.Source(TokenSequence.of(ids), 1)), settings.context() + 1, 1);
    try (var _ = new TensorScope()) {
      Weights start = RandomNetworks.of(architecture, share, form, 1);
      return new Trainer(architecture, start, text, settings, objective);
    }
  }

  /** Nanoseconds that this process has computed, on all processors together. */
  private static long processorTime() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  /** A line of this process's status, in bytes; 0 where the system does not say. */
  private static long memory(String key) {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (var lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
