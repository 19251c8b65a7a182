package io.karipap.checkpoint.config;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.JsonFields;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What generation_config.json recommends.
 *
 * @param bosTokenId id that begins a text
 * @param eosTokenIds ids that end a text; empty where the file names none
 * @param temperature divisor of the logits; 0 means greedy
 * @param topP probability mass that is sampled from
 * @param topK number of candidates that are sampled from; 0 means all
 */
public record GenerationConfig(
    OptionalInt bosTokenId,
    List<Integer> eosTokenIds,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt topK) {
  static final String FILE_NAME = "generation_config.json";

  /** Copies the list. */
  public GenerationConfig {
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /**
   * Reads generation_config.json of a model's folder; empty where there is none.
   *
   * @throws CheckpointException where it is unreadable or a value is out of range
   */
  public static Optional<GenerationConfig> read(Path modelFolder) {
    return read(modelFolder.resolve(FILE_NAME), Integer.MAX_VALUE);
  }

  static Optional<GenerationConfig> read(Path path, int vocabularySize) {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    JsonFields fields = new JsonFields(Json.read(path), path.toString());
    int last = vocabularySize - 1;
    return Optional.of(
        new GenerationConfig(
            fields.optionalInteger("bos_token_id", 0, last),
            fields.integers("eos_token_id", 0, last),
            fields.optionalNumber("temperature", 0, 1000),
            fields.optionalNumber("top_p", 0, 1),
            fields.optionalInteger("top_k", 0, Integer.MAX_VALUE)));
  }
}
