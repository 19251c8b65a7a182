package io.karipap.checkpoint.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.JsonFields;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The entries of tokenizer.json, those of the model and those added to it.
 *
 * @param ids ids by entry
 * @param size highest id plus one
 */
record Vocabulary(Map<String, Integer> ids, int size) {

  /** Collects the entries of a parsed tokenizer.json. */
  static Vocabulary of(ObjectNode tokenizer, Path path) {
    Map<String, Integer> ids = new HashMap<>();
    JsonNode entries = tokenizer.path("model").path("vocab");
    if (entries.isArray()) { // Unigram: [text, score], the position is the id
      entries.forEach(entry -> ids.put(entry.path(0).asText(), ids.size()));
    } else {
      entries.properties().forEach(entry -> add(ids, entry.getKey(), entry.getValue(), path));
    }
    tokenizer
        .path("added_tokens")
        .forEach(token -> add(ids, token.path("content").asText(), token.path("id"), path));
    int highest = ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    if (highest < 0) {
      throw Failures.damaged(path, "its model has no vocabulary");
    }
    return new Vocabulary(Map.copyOf(ids), highest + 1);
  }

  OptionalInt id(String entry) {
    Integer id = ids.get(entry);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private static void add(Map<String, Integer> ids, String text, JsonNode id, Path path) {
    if (!id.isInt() || id.intValue() < 0 || id.intValue() == Integer.MAX_VALUE) {
      throw Failures.damaged(
          path, "entry %s has the id %s".formatted(Failures.quoted(text), JsonFields.shown(id)));
    }
    ids.put(text, id.intValue());
  }
}
