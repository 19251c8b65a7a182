package io.karipap.checkpoint.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.JsonFields;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The architecture of a LLaMA-family decoder, as Hugging Face's config.json says it.
 *
 * @param architecture {@code LlamaForCausalLM}, {@code MistralForCausalLM} or {@code
 *     Qwen2ForCausalLM}
 * @param modelType the file's {@code model_type}
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the MLP
 * @param layers number of blocks
 * @param heads query heads of a block
 * @param keyValueHeads key and value heads of a block; divides {@code heads}
 * @param headDimension width of one head, even; {@code heads * headDimension} need not be {@code
 *     hiddenSize}
 * @param vocabularySize rows of the embedding
 * @param contextLength longest sequence in tokens
 * @param normEpsilon added to the mean square in every RMSNorm
 * @param ropeTheta base of the rotary frequencies
 * @param ropeScaling how those are stretched
 * @param attentionBias whether the query, key and value projections have a bias
 * @param attentionOutputBias whether the attention's output projection has a bias
 * @param mlpBias whether the MLP's projections have a bias
 * @param tiedEmbeddings whether the head is the embedding's transpose
 * @param slidingWindow tokens that attention looks back over; empty where it sees all
 * @param bosTokenId id that begins a document, -1 for none
 * @param eosTokenIds ids that end a text; may be empty
 * @param raw the whole JSON, kept for writing back; a private copy
 */
public record ModelConfig(
    String architecture,
    String modelType,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDimension,
    int vocabularySize,
    int contextLength,
    double normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean attentionBias,
    boolean attentionOutputBias,
    boolean mlpBias,
    boolean tiedEmbeddings,
    OptionalInt slidingWindow,
    int bosTokenId,
    List<Integer> eosTokenIds,
    ObjectNode raw) {

  /** Copies what could change. */
  public ModelConfig {
    eosTokenIds = List.copyOf(eosTokenIds);
    raw = raw.deepCopy();
  }

  /** The whole JSON as it was read; a copy that the caller may change. */
  @Override
  public ObjectNode raw() {
    return raw.deepCopy();
  }

  /**
   * Reads config.json. The ids of generation_config.json beside it, where there is one, take the
   * place of config.json's.
   *
   * @throws CheckpointException where a file is unreadable, a value missing or out of range, or the
   *     architecture not supported
   */
  public static ModelConfig read(Path configJson) {
    ModelConfig config = parse(Json.read(configJson), configJson.toString());
    Optional<GenerationConfig> generation =
        GenerationConfig.read(
            configJson.resolveSibling(GenerationConfig.FILE_NAME), config.vocabularySize);
    return generation.map(config::with).orElse(config);
  }

  /**
   * Parses a configuration.
   *
   * @param where the configuration's source, for messages
   * @throws CheckpointException where a value is missing or out of range, or the architecture is
   *     not supported
   */
  public static ModelConfig parse(ObjectNode json, String where) {
    return new ConfigParser(new JsonFields(json, where)).parse();
  }

  private ModelConfig with(GenerationConfig generation) {
    return new ModelConfig(
        architecture,
        modelType,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        keyValueHeads,
        headDimension,
        vocabularySize,
        contextLength,
        normEpsilon,
        ropeTheta,
        ropeScaling,
        attentionBias,
        attentionOutputBias,
        mlpBias,
        tiedEmbeddings,
        slidingWindow,
        generation.bosTokenId().orElse(bosTokenId),
        generation.eosTokenIds().isEmpty() ? eosTokenIds : generation.eosTokenIds(),
        raw);
  }
}
