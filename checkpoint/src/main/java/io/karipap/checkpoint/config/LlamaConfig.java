package io.karipap.checkpoint.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * The configuration of a LLaMA-family decoder, as Hugging Face's config.json says it.
 *
 * @param model sizes and tokens
 * @param intermediateSize width of the MLP
 * @param heads query heads of a block
 * @param keyValueHeads key and value heads of a block; divides {@code heads}
 * @param headDimension width of one head, even; {@code heads * headDimension} need not be {@code
 *     hiddenSize}
 * @param normEpsilon added to the mean square in every RMSNorm
 * @param ropeTheta base of the rotary frequencies
 * @param ropeScaling how those are stretched
 * @param attentionBias whether the query, key and value projections have a bias
 * @param attentionOutputBias whether the attention's output projection has a bias
 * @param mlpBias whether the MLP's projections have a bias
 * @param slidingWindow tokens that attention looks back over; empty where it sees all
 */
public record LlamaConfig(
    ModelConfig model,
    int intermediateSize,
    int heads,
    int keyValueHeads,
    int headDimension,
    double normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean attentionBias,
    boolean attentionOutputBias,
    boolean mlpBias,
    OptionalInt slidingWindow) {

  /** Architectures that config.json may name. */
  public static final List<String> ARCHITECTURES = LlamaConfigParser.names();

  /**
   * Reads config.json, with the ids of generation_config.json beside it.
   *
   * @throws CheckpointException where a file is unreadable, a value missing or out of range, or the
   *     architecture is none of {@link #ARCHITECTURES}
   */
  public static LlamaConfig read(Path configJson) {
    return parse(ConfigFile.read(configJson));
  }

  /**
   * Parses a configuration.
   *
   * @param where the configuration's source, for messages
   * @throws CheckpointException as {@link #read} does
   */
  public static LlamaConfig parse(ObjectNode json, String where) {
    return parse(ConfigFile.of(json, where));
  }

  /**
   * Parses a configuration.
   *
   * @throws CheckpointException as {@link #read} does
   */
  public static LlamaConfig parse(ConfigFile file) {
    return new LlamaConfigParser(file).parse();
  }
}
