package io.karipap.bench.paper;

import io.karipap.bench.paper.RowMetrics.Speed;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.train.Objective;
import io.karipap.model.train.Trainer;
import io.karipap.model.train.TrainingSettings;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.FastType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Measures the speed of training and generation of a model and of its original. Both take turns,
 * and the fastest turn counts, because other work on the machine only slows them down.
 */
final class Stopwatch {

  private static final int MIN_TURNS = 4;
  private static final int MAX_TURNS = 40;

  /**
   * Turns are repeated until they have taken this long in total, in seconds, so that one
   * disturbance counts less.
   */
  private static final double MIN_TOTAL_SECONDS = 2;

  private static final int TRAINING_WINDOWS = 8;
  private static final int TRAINING_CONTEXT = 256;
  private static final int PROMPT_TOKENS = 256;
  private static final int DECODED_TOKENS = 64;

  private final Architecture architecture;
  private final long seed;

  Stopwatch(Architecture architecture, long seed) {
    this.architecture = architecture;
    this.seed = seed;
  }

  /** Seconds of a prompt and of the tokens after it. */
  private record Times(double prefill, double decode) {}

  /**
   * Measures both. Must be called inside a tensor scope.
   *
   * @param decoder of the row, in its fastest representation
   * @param reference of the original, likewise
   */
  Speed of(LoadedModel row, LoadedModel original, Decoder decoder, Decoder reference) {
    double[] steps = trainingSteps(row, original);
    int prompt = Math.min(PROMPT_TOKENS, architecture.config().contextLength() / 2);
    int decoded = Math.min(DECODED_TOKENS, architecture.config().contextLength() - prompt);
    Times best = new Times(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    Times originalBest = best;
    long start = System.nanoTime();
    for (int turn = 0; goesOn(turn, start); turn++) {
      originalBest = least(originalBest, times(reference, prompt, decoded));
      best = least(best, times(decoder, prompt, decoded));
    }
    return new Speed(
        steps[0],
        steps[1],
        prompt / best.prefill(),
        prompt / originalBest.prefill(),
        decoded / best.decode(),
        decoded / originalBest.decode());
  }

  private static Times least(Times a, Times b) {
    return new Times(Math.min(a.prefill(), b.prefill()), Math.min(a.decode(), b.decode()));
  }

  /** Seconds of a step of the row and of the original. */
  private double[] trainingSteps(LoadedModel row, LoadedModel original) {
    double[] best = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    try (var student = trainer(row);
        var teacher = trainer(original)) {
      List<Trainer> trainers = List.of(student, teacher);
      long start = System.nanoTime();
      for (int turn = 0; goesOn(turn, start); turn++) {
        for (int i = 0; i < 2; i++) {
          long begun = System.nanoTime();
          var _ = trainers.get(i).next();
          best[i] = Math.min(best[i], (System.nanoTime() - begun) * 1e-9);
        }
      }
    }
    return best;
  }

  private static boolean goesOn(int turn, long start) {
    boolean isShort = (System.nanoTime() - start) * 1e-9 < MIN_TOTAL_SECONDS;
    return turn < MIN_TURNS || (turn < MAX_TURNS && isShort);
  }

  /** What is predicted does not change how long it takes. */
  private Trainer trainer(LoadedModel model) {
    int context = Math.min(TRAINING_CONTEXT, architecture.config().contextLength() - 1);
    int batch = TRAINING_WINDOWS * context;
    TrainingSettings settings =
        new TrainingSettings(
            1_000_000,
            new TrainingSettings.Batch(batch, batch, context),
            new TrainingSettings.Optimization(1e-6, 1, 0.1, 0, 1),
            FastType.ofMachine(),
            seed);
    int[] ids = Arrays.stream(ids(20 * batch)).mapToInt(Math::toIntExact).toArray();
    TextMixture text =
        new TextMixture(
            List.of(new TextMixture.Source(TokenSequence.of(ids), 1)), context + 1, seed);
    return new Trainer(architecture, model.weights(), text, settings, Objective::nextToken);
  }

  private long[] ids(int count) {
    return new Random(seed)
        .ints(count, 0, architecture.config().vocabularySize())
        .asLongStream()
        .toArray();
  }

  private Times times(Decoder model, int prompt, int decoded) {
    long[] ids = ids(prompt + decoded);
    try (var _ = new TensorScope();
        var _ = Autograd.off();
        var cache = new KeyValueCache(architecture, prompt + decoded)) {
      double prefill = seconds(model, cache, Arrays.copyOf(ids, prompt));
      double decode = 0;
      for (int i = prompt; i < ids.length; i++) {
        decode += seconds(model, cache, ids[i]);
      }
      return new Times(prefill, decode);
    }
  }

  private static double seconds(Decoder model, KeyValueCache cache, long... ids) {
    long start = System.nanoTime();
    try (var _ = new TensorScope()) {
      var _ = model.next(Tensor.of(ids, 1, ids.length), cache).toFloats();
    }
    return (System.nanoTime() - start) * 1e-9;
  }
}
