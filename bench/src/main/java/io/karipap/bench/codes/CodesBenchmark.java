package io.karipap.bench.codes;

import io.karipap.bench.console.BenchmarkCommand;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.cli.command.ModelFolder;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Metric;
import io.karipap.network.quantize.EntropyConstrained;
import io.karipap.network.quantize.ReverseWaterFilling;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code karipap bench codes}: what entropy-coded numbers cost, beside the rate-distortion limit.
 */
@Command(
    name = "karipap bench codes",
    mixinStandardHelpOptions = true,
    description =
        "Squared errors of a Gaussian source by rate and trellis; and, for a MODEL, bits of the"
            + " matrices of its blocks beside the limit, and the rates of the coder.")
public final class CodesBenchmark implements Callable<Integer> {

  private static final int SAMPLES = 20_000;

  /** Between these losses of a number, twice nats per token, the rate is searched. */
  private static final double LEAST_THETA = 1e-12;

  private static final double MOST_THETA = 1e-3;
  private static final int BISECTIONS = 9;

  private final PrintStream out;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "Folder, or name of a bundled model.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "UTF-8 text for the metrics of its matrices.")
  private Optional<Path> calibration = Optional.empty();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Of the text to use (default: ${DEFAULT-VALUE}).")
  private int tokens = 1 << 14;

  @Option(
      names = "--bits",
      split = ",",
      paramLabel = "B",
      description = "Mean bits a number, of the file (default: 1.5,2,3).")
  private List<Double> bits = List.of(1.5, 2.0, 3.0);

  @Option(
      names = "--states",
      split = ",",
      paramLabel = "S",
      description = "States of the trellis that a model's matrices are rounded by (default: 1,8).")
  private List<Integer> states = List.of(1, 8);

  private CodesBenchmark(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @param out gets the tables
   * @param err gets errors
   * @return exit status: 0 done, 1 the work failed, 2 the call was wrong
   */
  public static int run(List<String> words, PrintStream out, PrintStream err) {
    return commandLine(out, err).execute(words.toArray(String[]::new));
  }

  /** The command line with its options. */
  public static CommandLine commandLine(PrintStream out, PrintStream err) {
    return BenchmarkCommand.of(new CodesBenchmark(out), out, err);
  }

  @Override
  public Integer call() {
    if (model.isPresent() != calibration.isPresent()) {
      throw new IllegalArgumentException("a MODEL needs --calibration, and the other way round");
    }
    if (tokens < 2 || bits.stream().anyMatch(b -> !(b >= 0.5 && b <= 7))) {
      throw new IllegalArgumentException("--tokens must be 2 or more, --bits 0.5 to 7");
    }
    if (model.isPresent()) {
      matrices(ModelFolder.of(model.get()), calibration.orElseThrow());
    } else {
      gaussian();
    }
    out.flush();
    return 0;
  }

  /** The table of a unit Gaussian source. */
  private void gaussian() {
    double[] x = GaussianSource.numbers(SAMPLES);
    line("| states | bits | squared error | limit 4^-R | bits above the limit |");
    line("|---:|---:|---:|---:|---:|");
    for (int states : new int[] {1, 8, 32, 256}) {
      for (double rate : bits) {
        EntropyConstrained.Coded coded =
            new EntropyConstrained(Trellis.of(states), states == 1 ? 0.08 : 0.4, 63)
                .ofRate(rate, x);
        line(
            "| %d | %.3f | %.4f | %.4f | %.3f |",
            states, coded.rate(), coded.error(), Math.pow(4, -coded.rate()), coded.excess());
      }
    }
  }

  private void line(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }

  /** The table of a model's matrices. */
  private void matrices(Path folder, Path text) {
    try (var _ = new TensorScope();
        var loaded = LoadedModel.open(folder)) {
      Decoder decoder = loaded.decoder();
      List<TokenSequence> ids = Documents.read(text).encode(loaded.tokenizer());
      List<Window> windows =
          Windows.spread(Windows.cut(ids, loaded.config().contextLength()), tokens);
      try (var inputs = CalibrationStatistics.collect(decoder, ids, windows, _ -> {});
          var outputs = GradientStatistics.collect(decoder, ids, windows, 0, _ -> {})) {
        List<MatrixSubject> subjects = subjects(decoder, inputs, outputs);
        ReverseWaterFilling limit = new ReverseWaterFilling();
        subjects.forEach(subject -> limit.addAll(subject.limit()));
        line(
            "| states | bits a number, of the file | entropy | limit | above it | loss, nats a token |"
                + " rounding, numbers/s | encoding, MB/s | decoding, MB/s |");
        line("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (int count : states) {
          for (double rate : bits) {
            print(count, atRate(rate, subjects, Trellis.of(count)), limit);
          }
        }
      }
    }
  }

  /** The matrices of all blocks. */
  private static List<MatrixSubject> subjects(
      Decoder model, CalibrationStatistics inputs, GradientStatistics outputs) {
    return model.architecture().matrices().stream()
        .filter(MatrixSpec::inBlock)
        .map(spec ->
            MatrixSubject.of(
                model.weights().matrix(spec.name()).matrix().to(DType.F64),
                Metric.of(inputs.covariance(spec.name()))
                    .withOutput(outputs.outputGradient(spec.name()))))
        .toList();
  }

  private void print(int trellis, MatrixCode code, ReverseWaterFilling limit) {
    double n = code.numbers();
    double fewest = limit.bitsOf(2 * code.loss());
    line(
        "| %d | %.3f | %.3f | %.3f | %.3f | %.4f | %.2e | %.0f | %.0f |",
        trellis,
        code.bits() / n,
        code.entropy() / n,
        fewest / n,
        (code.bits() - fewest) / n,
        code.loss(),
        n / code.roundingSeconds(),
        n / code.encodingSeconds() * 1e-6,
        n / code.decodingSeconds() * 1e-6);
  }

  /** All matrices at the loss of a number that makes the mean rate the one asked for. */
  private static MatrixCode atRate(double rate, List<MatrixSubject> subjects, Trellis trellis) {
    double low = LEAST_THETA;
    double high = MOST_THETA;
    MatrixCode code = MatrixCode.none();
    for (int i = 0; i < BISECTIONS; i++) {
      double theta = Math.sqrt(low * high);
      code = all(subjects, theta, trellis);
      if (code.bits() > rate * code.numbers()) {
        low = theta;
      } else {
        high = theta;
      }
    }
    return code;
  }

  private static MatrixCode all(List<MatrixSubject> subjects, double theta, Trellis trellis) {
    List<Callable<MatrixCode>> tasks =
        subjects.stream()
            .map(subject -> (Callable<MatrixCode>) () -> MatrixCode.of(subject, theta, trellis))
            .toList();
    try (var workers = new Workers(Threads.available())) {
      return workers.run(tasks).stream().reduce(MatrixCode.none(), MatrixCode::plus);
    }
  }
}
