package io.karipap;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.family.Architectures;
import java.nio.file.Path;

/**
 * A language model, original or compressed, ready to run.
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.open(Path.of("small"))) {
 *   model.generate("Once upon a time", 100).forEach(System.out::print);
 * }
 * }</pre>
 *
 * <p>One thread at a time may use a model. It holds its weights, outside of the Java heap, until it
 * is closed.
 */
public interface LanguageModel extends AutoCloseable {

  /**
   * Reads a model from a folder in Hugging Face layout: config.json, model.safetensors, tokenizer.
   *
   * @throws CheckpointException if the folder is not a model, or does not hold together
   */
  static LanguageModel open(Path folder) {
    return open(folder, Architectures.standard());
  }

  /**
   * Reads a model.
   *
   * @param architectures the families that it may be of
   * @throws CheckpointException if the folder is not a model, or does not hold together
   */
  static LanguageModel open(Path folder, Architectures architectures) {
    return TensorLanguageModel.open(folder, architectures);
  }

  /** Continues a text with the model's own sampling. */
  default Generation generate(String prompt, int tokens) {
    return generate(prompt, tokens, GenerationOptions.standard());
  }

  /**
   * Continues a text, to an end-of-sequence token, the end of the context, or a limit.
   *
   * @param prompt what to continue; not part of the result. If longer than the context, its end
   * @param tokens largest number of new tokens, at least 1
   * @throws IllegalArgumentException if there is nothing to continue, or {@code tokens} is below 1
   * @throws IllegalStateException if the model is closed
   */
  Generation generate(String prompt, int tokens, GenerationOptions options);

  /**
   * Mean negative log-likelihood of a text in nats per token. Documents separated by {@code
   * <|endoftext|>} are read each on their own, in windows as long as the context that do not
   * overlap; the first token of a window is not predicted.
   *
   * @throws IllegalArgumentException if the text has no token to predict
   * @throws IllegalStateException if the model is closed
   */
  double loss(String text);

  /** Number of stored parameters. */
  long parameters();

  /** Longest sequence in tokens. */
  int contextLength();

  /** Releases the weights, and the generations that have not come to their end. */
  @Override
  void close();
}
