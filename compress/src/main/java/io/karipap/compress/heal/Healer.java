package io.karipap.compress.heal;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealingMode;
import io.karipap.compress.Progress;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.train.Parameterization;
import io.karipap.model.train.Trainer;
import io.karipap.model.train.TrainingCheckpoint;
import io.karipap.model.train.TrainingSettings;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.FastType;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The distillation loop: trains, looks at held-out text a number of times, and keeps the best
 * weights seen.
 */
public final class Healer {

  /** Looks at the held-out text, evenly over a short run; the run is stored at each of them. */
  private static final int LOOKS = 5;

  /** In longer runs there is a look after so many tokens, up to a number of looks. */
  private static final long LOOK_TOKENS = 1 << 19;

  private static final int MOST_LOOKS = 100;

  /** Codes of more levels lie nearer to each other, and are left by smaller steps. */
  private static final double COARSE_BITS = 2;

  private static final double FINE = 0.25;

  /**
   * Part of the numbers behind codes that may be behind fine ones and take coarse steps. A model of
   * which half were did not get better in any of them.
   */
  private static final double FEW = 0.25;

  /** Steps that a run has at least, if it can have them with one window each. */
  private static final long STEPS = 250;

  /** Blocks in the largest window of a reconstruction: first one, then two. */
  private static final int MOST_BLOCKS = 2;

  private static final int HELD_OUT_TOKENS = 1 << 13;

  private final Teacher teacher;
  private final List<TokenSequence> documents;
  private final List<Windows.Window> heldOut;
  private final TextMixture text;
  private final TrainingSettings settings;
  private final HealOptions options;
  private final Progress progress;

  /**
   * What a healing did.
   *
   * @param weights the best seen, as they are stored
   * @param before on the held-out text, before the first step
   * @param after on the held-out text, of the weights kept
   * @param tokens learnt from
   */
  public record Outcome(Weights weights, Evaluation before, Evaluation after, long tokens) {}

  /**
   * The original, in the student's basis.
   *
   * @param tokenizer of both
   */
  public record Teacher(ModelConfig config, Weights weights, Tokenizer tokenizer) {}

  private Healer(
      Teacher teacher,
      List<TokenSequence> documents,
      TrainingSettings settings,
      HealOptions options,
      Progress progress) {
    this.teacher = teacher;
    this.settings = settings;
    this.options = options;
    this.progress = progress;
    this.documents = documents;
    List<Windows.Window> windows = Windows.cut(documents, teacher.config().contextLength());
    long all = windows.stream().mapToLong(Windows.Window::length).sum();
    // enough to tell better from worse, and little beside the run itself
    long held = Math.min(Math.min(HELD_OUT_TOKENS, all / 10), 1 + settings.tokens() / 20);
    int first = windows.size();
    for (long sum = 0; first > 1 && sum < held; first--) {
      sum += windows.get(first - 1).length();
    }
    this.heldOut = windows.subList(first, windows.size());
    this.text =
        new TextMixture(
            List.of(new TextMixture.Source(learnt(windows.subList(0, first)), 1)),
            settings.context() + 1,
            settings.seed());
  }

  private TokenSequence learnt(List<Windows.Window> windows) {
    return TokenSequence.of(
        windows.stream()
            .flatMapToLong(w ->
                java.util.Arrays.stream(documents.get(w.document()).slice(w.start(), w.length())))
            .mapToInt(Math::toIntExact)
            .toArray());
  }

  /**
   * Settings for a healing of some tokens: steps of up to eight windows, fewer in short runs, for
   * which many steps matter more than exact ones; no weight decay.
   */
  public static TrainingSettings settings(
      ModelConfig config, Weights start, long tokens, HealOptions options, long seed) {
    int context = Math.min(config.contextLength(), 256);
    int batch = Math.clamp(tokens / (STEPS * context), 1, 8) * context;
    return new TrainingSettings(
        tokens,
        batch,
        batch,
        context,
        options.learningRate() * (throughFineCodes(start, options) ? FINE : 1),
        tokens / 20,
        0.1,
        0,
        1,
        FastType.ofMachine(),
        seed);
  }

  /** Whether not nearly all of the numbers behind codes are behind coarse ones. */
  private static boolean throughFineCodes(Weights start, HealOptions options) {
    long fine = 0;
    long all = 0;
    for (Factorization f : start.matrices().values()) {
      for (QuantizedTensor codes : f.codes()) {
        boolean coarse = codes.format().bitsPerNumber() <= COARSE_BITS;
        fine += coarse ? 0 : codes.parameters();
        all += codes.parameters();
      }
    }
    return options.train() == HealingMode.ALL && fine > FEW * all;
  }

  /**
   * Heals. Must be called inside a tensor scope.
   *
   * @param start weights of the compressed model
   * @param text documents to learn on; the last of them are held out
   * @param options what is trained; the codes of a rounded model can be
   * @param state where the run is stored, and continued from if it is there
   * @param owner holds the result
   */
  public static Outcome heal(
      Teacher teacher,
      Weights start,
      List<TokenSequence> text,
      TrainingSettings settings,
      HealOptions options,
      Path state,
      TensorOwner owner,
      Progress progress) {
    return new Healer(teacher, text, settings, options, progress).run(start, state, owner);
  }

  private Outcome run(Weights start, Path state, TensorOwner owner) {
    Decoder original = new Decoder(teacher.config(), teacher.weights());
    Decoder fast = new Decoder(teacher.config(), teacher.weights(), settings.compute());
    Evaluation before = evaluate(start, original);
    Weights rebuilt = start;
    for (int window = 1; options.blockwise() > 0 && window <= MOST_BLOCKS; window++) {
      rebuilt = reconstructed(rebuilt, fast, window, state, owner);
    }
    progress.stage("healing", settings.steps() * settings.batchTokens());
    Parameterization trained = parameterization(rebuilt);
    BestWeights best =
        new BestWeights(
            trained.start().stream().map(t -> owner.own(t.copy())).toList(),
            options.blockwise() > 0 ? divergence(evaluate(rebuilt, original)) : divergence(before),
            state.resolveSibling("best.safetensors"));
    long steps;
    try (var trainer =
        new Trainer(
            teacher.config(),
            trained,
            text,
            settings,
            new Distillation(fast, options.hiddenWeight()))) {
      if (Files.exists(state)) {
        best.restore();
        TrainingCheckpoint.restore(trainer, state);
      }
      train(trainer, best, original, state);
      steps = trainer.step();
    }
    Weights stored = trained.stored(best.variables()).map(t -> owner.own(t.copy()));
    return new Outcome(stored, before, evaluate(stored, original), steps * settings.batchTokens());
  }

  /** Weights after a reconstruction in windows of some blocks. */
  private Weights reconstructed(
      Weights start, Decoder original, int window, Path state, TensorOwner owner) {
    TrainingSettings part = settings.withTokens(Math.max(1, options.blockwise() / MOST_BLOCKS));
    Path stored = state.resolveSibling("blocks%d.safetensors".formatted(window));
    progress.stage("blocks", part.steps() * part.batchTokens());
    Parameterization trained = parameterization(start);
    try (var trainer =
        new Trainer(
            teacher.config(), trained, text, part, new BlockReconstruction(original, window))) {
      if (Files.exists(stored)) {
        TrainingCheckpoint.restore(trainer, stored);
      }
      while (!trainer.isDone()) {
        try (var _ = new TensorScope()) {
          Trainer.Step step = trainer.next();
          progress.at(step.number() * part.batchTokens(), "error %.4f".formatted(step.loss()));
        }
      }
      TrainingCheckpoint.save(trainer, stored);
      return trained.stored(trainer.variables()).map(t -> owner.own(t.copy()));
    }
  }

  private Parameterization parameterization(Weights start) {
    return switch (options.train()) {
      case ALL -> Parameterization.all(balanced(start));
      case SCALES -> {
        Parameterization scales = Parameterization.scales(start);
        if (scales.start().isEmpty()) {
          throw new IllegalArgumentException(
              "--train scales needs a model whose numbers are coded; this one has none");
        }
        yield scales;
      }
      case LORA ->
          Parameterization.adapters(
              start, Parameterization.Update.LOW_RANK, options.rank(), settings.seed());
      case TT_LORA ->
          Parameterization.adapters(
              start, Parameterization.Update.TENSOR_TRAIN, options.rank(), settings.seed());
    };
  }

  /** To the end of the schedule, or until the held-out text has long been getting no better. */
  private void train(Trainer trainer, BestWeights best, Decoder original, Path state) {
    int looks = Math.clamp(settings.tokens() / LOOK_TOKENS, LOOKS, MOST_LOOKS);
    long interval = Math.max(1, settings.steps() / looks);
    // without end where there are few looks: the rate's descent brings most at the end
    long patience =
        options.patience() > 0 && looks >= 2 * options.patience()
            ? options.patience() * interval
            : Long.MAX_VALUE;
    Throughput pace = new Throughput(settings, trainer.step());
    while (!trainer.isDone() && trainer.step() - best.step() < patience) {
      try (var _ = new TensorScope()) {
        Trainer.Step step = trainer.next();
        progress.at(
            step.number() * settings.batchTokens(),
            "loss %.3f, held-out KL %.3f, %s"
                .formatted(step.loss(), best.divergence(), pace.after(step.number())));
        if (step.number() % interval == 0 || trainer.isDone()) {
          best.offer(
              trainer.variables(),
              divergence(evaluate(trainer.weights(), original)),
              step.number());
          TrainingCheckpoint.save(trainer, state);
        }
      }
    }
  }

  /** The same matrices, low-rank pairs in the gauge that a gradient goes straight in. */
  private static Weights balanced(Weights weights) {
    Map<String, Factorization> pairs = new LinkedHashMap<>();
    weights.matrices().forEach((name, f) -> pairs.put(name, balanced(f)));
    return weights.with(pairs);
  }

  private static Factorization balanced(Factorization matrix) {
    return switch (matrix) {
      case LowRank pair -> pair.balanced();
      case Sum sum -> new Sum(balanced(sum.base()), balanced(sum.correction()));
      case Dense _, BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sparse _ -> matrix;
    };
  }

  private Evaluation evaluate(Weights weights, Decoder original) {
    try (var _ = new TensorScope()) {
      // rebuilt once, not at every batch
      Weights rebuilt = weights.rebuilt();
      return Evaluation.of(
          new Decoder(teacher.config(), rebuilt, DType.F32),
          Optional.of(original),
          documents,
          heldOut,
          1,
          _ -> {});
    }
  }

  private static float divergence(Evaluation evaluation) {
    return (float) evaluation.comparison().orElseThrow().kl();
  }
}
