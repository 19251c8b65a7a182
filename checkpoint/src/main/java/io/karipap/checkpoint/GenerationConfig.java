package io.karipap.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What generation_config.json says. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public record GenerationConfig(
    OptionalInt bosTokenId,
    List<Integer> eosTokenIds,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt topK) {
  /** Reads generation_config.json of a folder; empty where there is none. */
  public static Optional<GenerationConfig> read(Path modelFolder) {
    throw new UnsupportedOperationException();
  }
}
