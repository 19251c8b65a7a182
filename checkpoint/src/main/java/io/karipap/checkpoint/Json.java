package io.karipap.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Strict JSON objects: UTF-8, no duplicate keys, nothing after the end, bounded in size. */
public final class Json {
  /** Largest JSON file that is read: tokenizers of large vocabularies take some 30 MB. */
  private static final long LARGEST_FILE = 64_000_000;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  /**
   * Reads a file that holds one JSON object.
   *
   * @throws CheckpointException where there is no such file or object
   */
  public static ObjectNode read(Path path) {
    return parse(text(path), path);
  }

  /** Parses a text that was read from {@code path}. */
  public static ObjectNode parse(String text, Path path) {
    try {
      JsonNode json = MAPPER.readTree(text);
      if (json instanceof ObjectNode object) {
        return object;
      }
      throw Failures.damaged(path, "it does not hold a JSON object");
    } catch (JsonProcessingException e) {
      throw Failures.reading(path, e);
    }
  }

  /** Reads a UTF-8 file whole. */
  public static String text(Path path) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new CheckpointException("%s is not a file".formatted(path));
    }
    try {
      long size = Files.size(path);
      if (size > LARGEST_FILE) {
        throw new CheckpointException(
            "%s has %d bytes; at most %d are read".formatted(path, size, LARGEST_FILE));
      }
      return Files.readString(path, UTF_8);
    } catch (CharacterCodingException e) {
      throw Failures.damaged(path, "it is not valid UTF-8");
    } catch (IOException e) {
      throw Failures.reading(path, e);
    }
  }

  /** Two-space indented text of an object, with a final line feed. */
  public static String pretty(ObjectNode object) {
    return object.toPrettyString() + "\n";
  }
}
