package io.karipap.bench.paper;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.karipap.checkpoint.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Figures of finished rows, {@code SLUG.json}, each with a digest of its inputs.
 *
 * @param folder where they lie
 */
record RowStore(Path folder) {

  /** What a file holds. */
  private record Stored(String key, RowMetrics figures) {}

  /** The figures of a row, if they are there and depend on the same; a damaged file is none. */
  Optional<RowMetrics> read(Row row, String key) {
    Path file = file(row);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Stored stored = mapper().readValue(Files.readString(file), Stored.class);
      return stored.key().equals(key) ? Optional.of(stored.figures()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Stores the figures of a row. */
  void write(Row row, String key, RowMetrics figures) {
    try {
      AtomicFiles.write(file(row), mapper().writeValueAsString(new Stored(key, figures)) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("figures can always be written", e);
    }
  }

  private Path file(Row row) {
    return folder.resolve(row.recipe().slug() + ".json");
  }

  private static ObjectMapper mapper() {
    return new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }
}
