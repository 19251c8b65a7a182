package io.karipap.bench.training;

import io.karipap.bench.training.TrainingArguments.Task;
import io.karipap.compress.FactorizationKind;
import io.karipap.model.arch.Architecture;
import io.karipap.model.family.Architectures;
import io.karipap.tensor.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The cost of training: compressed forms beside the original at the same batch, and beside the rate
 * at which this machine multiplies matrices of the original's shapes.
 *
 * <p>Every form has a process of its own, and takes turns with the original, step by step: other
 * work on the machine affects both alike.
 */
public final class TrainingBenchmark {

  private TrainingBenchmark() {}

  /** A step as its process reports it. */
  private record Step(double seconds, double processorSeconds, double bytes) {}

  /** A process that trains. */
  private static final class Run implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final double parameters;
    private final double operations;
    private final List<Step> steps = new ArrayList<>();

    Run(List<String> words) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
      command.add(TrainingProcess.class.getName());
      command.addAll(words);
      try {
        process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      answers = process.inputReader(StandardCharsets.UTF_8);
      double[] sizes = answer();
      parameters = sizes[0];
      operations = sizes[1];
    }

    private double[] answer() {
      try {
        String line = answers.readLine();
        if (line == null) {
          throw endedEarly();
        }
        return Arrays.stream(line.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static IllegalStateException endedEarly() {
      return new IllegalStateException(
          "a process that trains has ended early, for want of memory perhaps: give a smaller"
              + " --batch, or fewer --forms");
    }

    Step step() {
      try {
        process.outputWriter(StandardCharsets.UTF_8).append('\n').flush();
      } catch (IOException brokenPipe) {
        throw endedEarly();
      }
      double[] answer = answer();
      Step step = new Step(answer[0], answer[1], answer[2]);
      steps.add(step);
      return step;
    }

    double best() {
      return steps.stream().mapToDouble(Step::seconds).min().orElseThrow();
    }

    double bytes() {
      return steps.getLast().bytes();
    }

    @Override
    public void close() {
      try {
        process.outputWriter().close(); // it ends by itself
        process.waitFor();
      } catch (IOException e) {
        process.destroy();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  public static void main(List<String> words) {
    TrainingArguments arguments;
    Path configJson;
    try {
      arguments = TrainingArguments.of(words);
      configJson = arguments.configJson();
    } catch (IllegalArgumentException e) {
      System.err.println("karipap: " + e.getMessage() + "\n" + TrainingArguments.USAGE);
      System.exit(2);
      return;
    }
    Architecture architecture = Architectures.standard().read(configJson);
    int context = Math.min(architecture.config().contextLength(), arguments.context());
    int batch = Math.max(1, arguments.batch() / context) * context;
    System.out.printf(
        Locale.ROOT,
        "%s, compressed models of %.0f %% of its parameters, %d tokens a step, context %d%n",
        arguments.model(),
        100 * arguments.share(),
        batch,
        context);
    for (DType type : arguments.types()) {
      double rate = GemmRate.of(architecture, Math.min(batch, TrainingProcess.MICRO_TOKENS), type);
      for (Task task : arguments.tasks()) {
        System.out.printf(
            Locale.ROOT,
            "%n**%s, %s**: matrix products of the original's shapes at %.0f GFLOP/s%n%n"
                + "| form | parameters | s/step | of the original's | by processor time | tokens/s | GFLOP/s |"
                + " of the products' rate | peak memory, MiB | of the original's |%n"
                + "|---|---|---|---|---|---|---|---|---|---|%n",
            task.label(),
            type,
            rate * 1e-9);
        measure(arguments, configJson, type, task, batch, context, rate);
      }
    }
  }

  private static void measure(
      TrainingArguments arguments,
      Path configJson,
      DType type,
      Task task,
      int batch,
      int context,
      double rate) {
    List<String> tail =
        List.of(
            Double.toString(arguments.share()),
            task.label(),
            type.name(),
            Integer.toString(batch),
            Integer.toString(context));
    try (var original = new Run(words(configJson, FactorizationKind.DENSE, tail))) {
      List<String> rows = new ArrayList<>();
      for (FactorizationKind form : arguments.forms()) {
        try (var run = new Run(words(configJson, form, tail))) {
          int steps = arguments.steps();
          double[] ratios = new double[steps];
          double[] processorRatios = new double[steps];
          for (int i = 0; i < steps; i++) {
            Step reference = original.step();
            Step step = run.step();
            ratios[i] = step.seconds() / reference.seconds();
            processorRatios[i] = step.processorSeconds() / reference.processorSeconds();
          }
          rows.add(
              row(
                  form.label(),
                  run,
                  original,
                  median(ratios),
                  median(processorRatios),
                  batch,
                  rate));
        }
      }
      if (arguments.forms().isEmpty()) {
        for (int i = 0; i < arguments.steps(); i++) {
          var _ = original.step();
        }
      }
      System.out.println(row("original", original, original, 1, 1, batch, rate));
      rows.forEach(System.out::println);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(sorted.length - 1) / 2];
  }

  private static List<String> words(Path configJson, FactorizationKind form, List<String> tail) {
    List<String> words = new ArrayList<>(List.of(configJson.toString(), form.label()));
    words.addAll(tail);
    return words;
  }

  private static String row(
      String form,
      Run run,
      Run original,
      double ratio,
      double processorRatio,
      int batch,
      double rate) {
    double seconds = run.best();
    return String.format(
        Locale.ROOT,
        "| %s | %.0f | %.3f | %.2f | %.2f | %.0f | %.0f | %.0f %% | %.0f | %.2f |",
        form,
        run.parameters,
        seconds,
        ratio,
        processorRatio,
        batch / seconds,
        run.operations / seconds * 1e-9,
        100 * run.operations / seconds / rate,
        run.bytes() / (1 << 20),
        run.bytes() / original.bytes());
  }
}
