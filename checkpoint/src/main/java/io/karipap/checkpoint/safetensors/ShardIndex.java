package io.karipap.checkpoint.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * {@code model.safetensors.index.json}: which shard holds which tensor.
 *
 * @param shardOf file name by tensor name, in the order of the index
 */
record ShardIndex(Path path, SequencedMap<String, String> shardOf) {
  static final String FILE_NAME = "model.safetensors.index.json";

  /**
   * Reads an index.
   *
   * @throws CheckpointException where it is malformed or names a shard outside its own folder
   */
  static ShardIndex read(Path path) {
    ObjectNode json = Json.read(path);
    if (!(json.get("weight_map") instanceof ObjectNode map) || map.isEmpty()) {
      throw Failures.damaged(path, "it has no weight_map");
    }
    SequencedMap<String, String> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      shardOf.put(entry.getKey(), shard(path, entry.getKey(), entry.getValue()));
    }
    return new ShardIndex(path, shardOf);
  }

  private static String shard(Path path, String tensor, JsonNode value) {
    String file = value.isTextual() ? value.textValue() : "";
    // a plain name beside the index: no folder, no way out of it
    if (!file.matches("[\\w.+ -]+\\.safetensors")) {
      throw new CheckpointException(
          "%s: tensor %s is said to be in %s, which is not the name of a safetensors file beside it"
              .formatted(path, Failures.quoted(tensor), Failures.quoted(value.toString())));
    }
    return file;
  }

  /** Names of all shards, sorted. */
  SequencedSet<String> shards() {
    return new TreeSet<>(shardOf.values());
  }
}
