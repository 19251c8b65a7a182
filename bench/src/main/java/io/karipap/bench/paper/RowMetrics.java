package io.karipap.bench.paper;

import io.karipap.model.task.Estimate;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The measurements of a row.
 *
 * @param slug names it in file names
 * @param label as printed
 * @param method of the row
 * @param healed whether it was distilled
 * @param parameters stored numbers; for quantized ones codes, scales, shifts and zero points
 * @param bytes of the tensors as written; for the original, four for each number
 * @param runtimeBytes of the weights in memory, in float32
 * @param texts predictions, first on text of the calibration's domain, then on another one
 * @param tasks answers
 * @param speed times
 * @param seconds spent on measuring
 */
record RowMetrics(
    String slug,
    String label,
    Method method,
    boolean healed,
    long parameters,
    long bytes,
    long runtimeBytes,
    List<TextFigures> texts,
    List<TaskFigures> tasks,
    Speed speed,
    double seconds) {

  /** Copies the lists. */
  RowMetrics {
    texts = List.copyOf(texts);
    tasks = List.copyOf(tasks);
  }

  /**
   * Means over a part of a text, nats per token; the spread over parts is the standard error.
   *
   * @param tokens predicted
   * @param loss negative log-likelihood
   * @param top1 share of tokens that had the highest probability
   * @param kl KL(original || row)
   * @param agreement share of tokens at which both give the same token the highest probability
   */
  record Block(long tokens, double loss, double top1, double kl, double agreement) {}

  /**
   * A text.
   *
   * @param name of its file
   * @param bytes UTF-8 bytes of the predicted tokens
   * @param blocks parts of it, one behind the other
   */
  record TextFigures(String name, long bytes, List<Block> blocks) {

    /** Copies the list. */
    TextFigures {
      blocks = List.copyOf(blocks);
    }

    long tokens() {
      return blocks.stream().mapToLong(Block::tokens).sum();
    }

    Estimate loss() {
      return mean(Block::loss);
    }

    Estimate top1() {
      return mean(Block::top1);
    }

    Estimate kl() {
      return mean(Block::kl);
    }

    Estimate agreement() {
      return mean(Block::agreement);
    }

    double perplexity() {
      return Math.exp(loss().value());
    }

    double bitsPerByte() {
      return loss().value() * tokens() / bytes / Math.log(2);
    }

    /** KL divergence of all blocks but one. */
    double klWithout(int block) {
      return IntStream.range(0, blocks.size())
              .filter(i -> i != block)
              .mapToDouble(i -> blocks.get(i).tokens() * blocks.get(i).kl())
              .sum()
          / (tokens() - blocks.get(block).tokens());
    }

    /**
     * The mean over all tokens. Its standard error is that of a ratio of sums over B blocks, sqrt(B
     * / (B - 1) sum_b w_b^2 (x_b - mean)^2) with the blocks' shares w_b of the tokens; not a number
     * for one block.
     */
    private Estimate mean(ToDoubleFunction<Block> value) {
      double tokens = tokens();
      double mean =
          blocks.stream().mapToDouble(b -> b.tokens() / tokens * value.applyAsDouble(b)).sum();
      double squares =
          blocks.stream()
              .mapToDouble(b -> b.tokens() / tokens * (value.applyAsDouble(b) - mean))
              .map(x -> x * x)
              .sum();
      double count = blocks.size();
      return new Estimate(mean, Math.sqrt(count / (count - 1) * squares));
    }
  }

  /**
   * A task.
   *
   * @param name of its file
   * @param cut examples that lost their beginning
   * @param right a 1 for every example that was answered right, and else a 0
   * @param rightByLength the same by log-likelihood per character; empty in cloze tasks
   */
  record TaskFigures(String name, int cut, String right, String rightByLength) {

    int examples() {
      return right.length();
    }

    Estimate accuracy() {
      return Estimate.mean(numbers(right));
    }

    /** Accuracy by log-likelihood per character, in multiple choice. */
    Optional<Estimate> accuracyByLength() {
      return rightByLength.isEmpty()
          ? Optional.empty()
          : Optional.of(Estimate.mean(numbers(rightByLength)));
    }

    /** This row minus another one, on the same examples. */
    Estimate accuracyAgainst(TaskFigures other) {
      double[] own = numbers(right);
      double[] others = numbers(other.right);
      return Estimate.mean(
          IntStream.range(0, own.length).mapToDouble(i -> own[i] - others[i]).toArray());
    }

    private static double[] numbers(String bits) {
      return bits.chars().mapToDouble(c -> c == '1' ? 1 : 0).toArray();
    }
  }

  /**
   * Times of the row and of the original, measured in turns: other work on the machine slows both.
   *
   * @param trainingStep seconds of a training step on the next token, all stored numbers trained
   * @param originalTrainingStep the same of the original on the same batch
   * @param prefill tokens per second of a prompt
   * @param originalPrefill the same of the original
   * @param decode tokens per second one by one, with a cache of keys and values
   * @param originalDecode the same of the original
   */
  record Speed(
      double trainingStep,
      double originalTrainingStep,
      double prefill,
      double originalPrefill,
      double decode,
      double originalDecode) {

    /** Original's training time over this one's. */
    double trainingSpeedup() {
      return originalTrainingStep / trainingStep;
    }

    /** Rate over the original's. */
    double prefillSpeedup() {
      return prefill / originalPrefill;
    }

    /** Rate over the original's. */
    double decodeSpeedup() {
      return decode / originalDecode;
    }
  }
}
