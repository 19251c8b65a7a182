package io.karipap.checkpoint.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.JsonFields;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What every transformer's config.json says, whatever its family calls it.
 *
 * @param architecture as the file names it, such as {@code LlamaForCausalLM}
 * @param modelType the file's {@code model_type}
 * @param hiddenSize width of the residual stream
 * @param layers number of blocks
 * @param vocabularySize rows of the embedding
 * @param contextLength longest sequence in tokens
 * @param tiedEmbeddings whether the head is the embedding's transpose
 * @param bosTokenId id that begins a document, -1 for none
 * @param eosTokenIds ids that end a text; may be empty
 * @param raw the whole JSON, kept for writing back; a private copy
 */
public record ModelConfig(
    String architecture,
    String modelType,
    int hiddenSize,
    int layers,
    int vocabularySize,
    int contextLength,
    boolean tiedEmbeddings,
    int bosTokenId,
    List<Integer> eosTokenIds,
    ObjectNode raw) {

  /** Copies what could change. */
  public ModelConfig {
    eosTokenIds = List.copyOf(eosTokenIds);
    raw = raw.deepCopy();
  }

  /**
   * The sizes that a family has read, with what all families write alike: the names, and the ids of
   * tokens. The ids of generation_config.json, where there is one, take the place of config.json's.
   *
   * @throws CheckpointException where a value is out of range
   */
  public static ModelConfig of(
      ConfigFile file,
      int hiddenSize,
      int layers,
      int vocabularySize,
      int contextLength,
      boolean tiedEmbeddings) {
    JsonFields fields = file.fields();
    int last = vocabularySize - 1;
    int bos = fields.optionalInteger("bos_token_id", -1, last).orElse(-1);
    List<Integer> eos = fields.integers("eos_token_id", 0, last);
    Optional<GenerationConfig> generation = file.generation(vocabularySize);
    OptionalInt begins = generation.map(GenerationConfig::bosTokenId).orElse(OptionalInt.empty());
    List<Integer> ends = generation.map(GenerationConfig::eosTokenIds).orElse(List.of());
    return new ModelConfig(
        file.architectures().getFirst(),
        fields.optionalText("model_type").orElse(""),
        hiddenSize,
        layers,
        vocabularySize,
        contextLength,
        tiedEmbeddings,
        begins.orElse(bos),
        ends.isEmpty() ? eos : ends,
        fields.json());
  }

  /** The whole JSON as it was read; a copy that the caller may change. */
  @Override
  public ObjectNode raw() {
    return raw.deepCopy();
  }
}
