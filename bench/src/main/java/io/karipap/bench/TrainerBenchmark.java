package io.karipap.bench;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.model.Initialization;
import io.karipap.model.MatrixName;
import io.karipap.model.Objective;
import io.karipap.model.TextMixture;
import io.karipap.model.TokenSequence;
import io.karipap.model.Trainer;
import io.karipap.model.TrainingSettings;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * How fast a model trains, beside how fast this machine multiplies matrices of the same shapes in
 * the same run.
 *
 * <p>Operations per token: 6 for every parameter of a matrix (2 forward, 4 backward), and 6 s d for
 * attention over s positions with causal masking, per block.
 */
final class TrainerBenchmark {

  private static final int MICRO_TOKENS = 4096;
  private static final int STEPS = 3;

  private TrainerBenchmark() {}

  /** Prints a table for the architecture in a config.json. */
  static void run(Path configJson) {
    ModelConfig config = ModelConfig.read(configJson);
    List<MatrixName> matrices = MatrixName.all(config);
    int context = Math.min(config.contextLength(), 512);
    double perToken = operationsPerToken(config, matrices, context);
    System.out.printf(
        Locale.ROOT, "%s: %.1f MFLOP per token of training%n%n", configJson, perToken * 1e-6);
    System.out.println(
        "| type | GEMM of the model's shapes, GFLOP/s | trainer, tokens/s | trainer, GFLOP/s | of GEMM |");
    System.out.println("|---|---|---|---|---|");
    for (DType type : List.of(DType.F32, DType.BF16)) {
      double limit = gemmRate(matrices, config, type);
      double tokens = tokensPerSecond(config, context, type);
      System.out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.0f | %.0f | %.0f %% |%n",
          type,
          limit * 1e-9,
          tokens,
          tokens * perToken * 1e-9,
          100 * tokens * perToken / limit);
    }
  }

  private static double operationsPerToken(
      ModelConfig config, List<MatrixName> matrices, int context) {
    // a tied table is multiplied once, as the head; an untied one only looked up
    double multiplied =
        matrices.stream()
            .filter(m -> config.tiedEmbeddings() || !m.family().equals("embed_tokens"))
            .mapToLong(MatrixName::elements)
            .sum();
    double width = (double) config.heads() * config.headDimension();
    return 6 * multiplied + 6.0 * config.layers() * context * width;
  }

  /** Rate of all forward products of a micro-batch, one after the other, on every processor. */
  private static double gemmRate(List<MatrixName> matrices, ModelConfig config, DType type) {
    double operations = 0;
    double seconds = 0;
    try (var workers = new Workers(Threads.available())) {
      for (MatrixName matrix : matrices) {
        if (matrix.block() <= 0
            && (config.tiedEmbeddings() || !matrix.family().equals("embed_tokens"))) {
          Gemm gemm = new Gemm(MICRO_TOKENS, matrix.columns(), matrix.rows());
          int times = matrix.inBlock() ? config.layers() : 1;
          operations += times * gemm.operations();
          seconds += times * seconds(gemm, type, workers);
        }
      }
    }
    return operations / seconds;
  }

  /** Time of a product when all processors compute one, over their number. */
  private static double seconds(Gemm gemm, DType type, Workers workers) {
    Callable<Double> product = () -> gemm.seconds(type);
    List<Double> seconds = workers.run(Collections.nCopies(workers.count(), product));
    return Collections.max(seconds) / workers.count();
  }

  private static double tokensPerSecond(ModelConfig config, int context, DType type) {
    TrainingSettings settings =
        new TrainingSettings(
            1_000_000, MICRO_TOKENS, MICRO_TOKENS, context, 1e-4, 1, 0.1, 0.1, 1, type, 1);
    int[] ids = new Random(1).ints(100_000, 0, config.vocabularySize()).toArray();
    TextMixture text =
        new TextMixture(List.of(new TextMixture.Source(TokenSequence.of(ids), 1)), context + 1, 1);
    try (var _ = new TensorScope();
        var trainer =
            new Trainer(
                config, Initialization.random(config, 1), text, settings, Objective::nextToken)) {
      trainer.next();
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < STEPS; i++) {
        long start = System.nanoTime();
        trainer.next();
        best = Math.min(best, (System.nanoTime() - start) * 1e-9);
      }
      return MICRO_TOKENS / best;
    }
  }
}
