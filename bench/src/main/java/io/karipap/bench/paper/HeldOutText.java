package io.karipap.bench.paper;

import io.karipap.bench.paper.RowMetrics.Block;
import io.karipap.bench.paper.RowMetrics.TextFigures;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.arch.Decoder;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A text to predict, divided into consecutive blocks of windows.
 *
 * @param name of its file
 * @param bytes UTF-8 bytes of the predicted tokens
 */
record HeldOutText(
    String name, long bytes, List<TokenSequence> documents, List<List<Windows.Window>> blocks) {

  /** Number of blocks: with 16, the relative error of a standard error is below 20 %. */
  private static final int BLOCKS = 16;

  /** Tokens before a token on which its own text may depend. */
  private static final int CONTEXT_TOKENS = 8;

  /**
   * Reads a text.
   *
   * @param context tokens per window
   * @param tokens to predict at most, spread evenly over the text
   * @throws io.karipap.checkpoint.CheckpointException if it cannot be read
   * @throws IllegalArgumentException if it has nothing to predict
   */
  static HeldOutText read(Path file, Tokenizer tokenizer, int context, int tokens) {
    List<TokenSequence> ids = Documents.read(file).encode(tokenizer);
    List<Windows.Window> windows = Windows.spread(Windows.cut(ids, context), tokens);
    if (windows.isEmpty()) {
      throw new IllegalArgumentException(
          "the text %s has no token to predict: give a longer one".formatted(file));
    }
    int count = Math.min(BLOCKS, windows.size());
    List<List<Windows.Window>> blocks = new ArrayList<>();
    for (int b = 0; b < count; b++) {
      blocks.add(windows.subList(b * windows.size() / count, (b + 1) * windows.size() / count));
    }
    long bytes = windows.stream().mapToLong(window -> bytes(tokenizer, ids, window)).sum();
    return new HeldOutText(String.valueOf(file.getFileName()), bytes, ids, blocks);
  }

  /** Bytes of the text of all tokens of a window but the first. */
  private static long bytes(
      Tokenizer tokenizer, List<TokenSequence> documents, Windows.Window window) {
    TokenSequence document = documents.get(window.document());
    int from = Math.max(0, window.start() - CONTEXT_TOKENS);
    return length(tokenizer, document, from, window.start() + window.length())
        - length(tokenizer, document, from, window.start() + 1);
  }

  private static long length(Tokenizer tokenizer, TokenSequence document, int from, int to) {
    int[] ids = Arrays.stream(document.slice(from, to - from)).mapToInt(Math::toIntExact).toArray();
    return tokenizer.decode(ids).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Predicts it, the blocks side by side; the original agrees with itself. */
  TextFigures evaluate(Decoder model, Optional<Decoder> original) {
    List<Callable<Block>> tasks = new ArrayList<>();
    for (List<Windows.Window> block : blocks) {
      tasks.add(() -> {
        Evaluation e = Evaluation.of(model, original, documents, block, 1, _ -> {});
        return new Block(
            e.tokens(),
            e.loss(),
            e.top1(),
            e.comparison().map(Evaluation.Comparison::kl).orElse(0.0),
            e.comparison().map(Evaluation.Comparison::agreement).orElse(1.0));
      });
    }
    try (var workers = new Workers(Math.min(Threads.available(), tasks.size()))) {
      return new TextFigures(name, bytes, workers.run(tasks));
    }
  }
}
