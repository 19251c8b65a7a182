package io.karipap.compress.heal;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealingMode;
import io.karipap.model.arch.Weights;
import io.karipap.model.train.TrainingSettings;
import io.karipap.network.CodedTensor;
import io.karipap.network.Factorization;
import io.karipap.tensor.FastType;

/**
 * The steps of a healing, and when it looks at the held-out text. The run is stored at each look.
 *
 * @param settings of the training
 * @param interval steps from one look to the next
 * @param patience steps without a better look after which the run ends; {@link Long#MAX_VALUE} for
 *     a run that always goes on to its last step
 */
record HealSchedule(TrainingSettings settings, long interval, long patience) {

  private static final int MIN_LOOKS = 5;
  private static final int MAX_LOOKS = 100;

  /** Tokens from one look to the next where the number of looks is between the two bounds. */
  private static final long LOOK_INTERVAL_TOKENS = 1 << 19;

  /** Steps of a run at least, unless one window a step makes fewer. */
  private static final long MIN_STEPS = 250;

  private static final int MAX_WINDOWS_PER_STEP = 8;
  private static final int MAX_CONTEXT_TOKENS = 256;

  /** Length of the run divided by the length of its warm-up. */
  private static final int RUN_PER_WARMUP = 20;

  private static final double FINAL_RATE_FRACTION = 0.1;

  /** Codes of more bits count as fine. */
  private static final double MAX_COARSE_BITS = 2;

  /**
   * Factor on the learning rate where numbers behind fine codes are trained. Neighbouring levels of
   * fine codes are closer to each other, so that smaller steps move a number to the next one.
   */
  private static final double FINE_CODE_RATE_FACTOR = 0.25;

  /**
   * The factor is left out while at most this fraction of the coded numbers has fine codes. Models
   * in which half of the numbers have fine codes heal better with the factor, whatever the other
   * half has.
   */
  private static final double MAX_FINE_FRACTION = 0.25;

  /**
   * The schedule of a distillation: steps of one to eight windows, one in short runs, which gain
   * more from many steps than from exact gradients; no weight decay.
   *
   * @param start weights of the compressed model
   * @param tokens length of the run
   * @param seed of the order of the text
   */
  static HealSchedule of(
      ModelConfig config, Weights start, long tokens, HealOptions options, long seed) {
    int context = Math.min(config.contextLength(), MAX_CONTEXT_TOKENS);
    int batch = Math.clamp(tokens / (MIN_STEPS * context), 1, MAX_WINDOWS_PER_STEP) * context;
    double factor =
        options.train() == HealingMode.ALL && hasFineCodes(start) ? FINE_CODE_RATE_FACTOR : 1;
    TrainingSettings settings =
        new TrainingSettings(
            tokens,
            new TrainingSettings.Batch(batch, batch, context),
            new TrainingSettings.Optimization(
                options.learningRate() * factor,
                tokens / RUN_PER_WARMUP,
                FINAL_RATE_FRACTION,
                0,
                1),
            FastType.ofMachine(),
            seed);
    int looks = Math.clamp(tokens / LOOK_INTERVAL_TOKENS, MIN_LOOKS, MAX_LOOKS);
    long interval = Math.max(1, settings.steps() / looks);
    // with few looks the run goes on to its end: most is gained there, while the rate descends
    boolean ends = options.patience() > 0 && looks >= 2 * options.patience();
    return new HealSchedule(
        settings, interval, ends ? options.patience() * interval : Long.MAX_VALUE);
  }

  private static boolean hasFineCodes(Weights weights) {
    long fine = 0;
    long all = 0;
    for (Factorization f : weights.matrices().values()) {
      for (CodedTensor codes : f.codes()) {
        boolean trained = codes.isIndependent(); // and not its scales alone
        fine += trained && codes.bitsPerNumber() > MAX_COARSE_BITS ? codes.parameters() : 0;
        all += codes.parameters();
      }
    }
    return fine > MAX_FINE_FRACTION * all;
  }

  /** The same training for another number of tokens, with a single look after its last step. */
  HealSchedule withoutLooks(long tokens) {
    TrainingSettings shorter = settings.withTokens(tokens);
    return new HealSchedule(shorter, shorter.steps(), Long.MAX_VALUE);
  }

  /** Whether the held-out text is looked at, and the run stored, after a step. */
  boolean looksAfter(long step) {
    return step % interval == 0 || step >= settings.steps();
  }

  /**
   * Whether there is another step.
   *
   * @param step number of steps done
   * @param best the step after which the best look was
   */
  boolean goesOnAfter(long step, long best) {
    return step < settings.steps() && step - best < patience;
  }
}
