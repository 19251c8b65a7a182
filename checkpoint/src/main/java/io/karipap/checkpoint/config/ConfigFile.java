package io.karipap.checkpoint.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.JsonFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * config.json before anybody knows which family of models it is of.
 *
 * @param fields of the file
 * @param generation generation_config.json beside it, which need not be there; empty where the
 *     configuration was not read from a folder
 */
public record ConfigFile(JsonFields fields, Optional<Path> generation) {

  /**
   * Reads config.json.
   *
   * @throws CheckpointException where it is unreadable
   */
  public static ConfigFile read(Path configJson) {
    return new ConfigFile(
        new JsonFields(Json.read(configJson), configJson.toString()),
        Optional.of(configJson.resolveSibling(GenerationConfig.FILE_NAME)));
  }

  /**
   * A configuration that is in no folder.
   *
   * @param where its source, for messages
   */
  public static ConfigFile of(ObjectNode json, String where) {
    return new ConfigFile(new JsonFields(json, where), Optional.empty());
  }

  /** What {@code architectures} names; empty where it is missing. */
  public List<String> architectures() {
    List<String> named = new ArrayList<>();
    fields.json().path("architectures").forEach(node -> named.add(node.asText()));
    return named;
  }

  /** The answer to a configuration of another architecture. */
  public CheckpointException unsupported(List<String> supported) {
    return fields.wrong(
        "architectures",
        "is %s; supported are %s"
            .formatted(JsonFields.shown(fields.json().path("architectures")), supported));
  }

  /** What generation_config.json recommends, of ids below the size of the vocabulary. */
  Optional<GenerationConfig> generation(int vocabularySize) {
    return generation.flatMap(path -> GenerationConfig.read(path, vocabularySize));
  }
}
