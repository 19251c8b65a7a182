package io.karipap.checkpoint.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.safetensors.SafetensorsHeader.Place;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a safetensors header, token by token, so that nothing is kept that the format does
 * not know. Stricter than the reference implementation: duplicate keys, unknown fields and names
 * with control characters are errors.
 */
final class HeaderParser {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxNumberLength(20)
                  .maxNameLength(4 * TensorInfo.LONGEST_NAME)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final Path path;
  private final long fileBytes;

  HeaderParser(Path path, long fileBytes) {
    this.path = path;
    this.fileBytes = fileBytes;
  }

  /** Reads the header's text, whose first byte is byte 8 of the file. */
  SafetensorsHeader parse(ByteBuffer text) {
    long dataStart = (long) Long.BYTES + text.remaining();
    // a decoder that reports: Jackson's own would guess the encoding from the first bytes
    InputStreamReader reader =
        new InputStreamReader(new ByteBufferBackedInputStream(text), UTF_8.newDecoder());
    try (JsonParser json = JSON.createParser(reader)) {
      return tensors(json, dataStart);
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: its header (bytes 8 to %d) cannot be read: %s; download or write the file again"
              .formatted(path, dataStart, Failures.reason(e)),
          e);
    }
  }

  private SafetensorsHeader tensors(JsonParser json, long dataStart) throws IOException {
    SequencedMap<String, Place> tensors = new LinkedHashMap<>();
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    expect(json, json.nextToken(), JsonToken.START_OBJECT, "the header");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (name.equals(SafetensorsHeader.METADATA)) {
        readMetadata(json, metadata);
      } else {
        checkCount(tensors.size(), "tensors");
        tensors.put(name, place(json, name, dataStart));
      }
    }
    if (json.nextToken() != null) {
      throw malformed(json, "text after the header's closing brace");
    }
    return new SafetensorsHeader(tensors, metadata, dataStart);
  }

  private void readMetadata(JsonParser json, SequencedMap<String, String> metadata)
      throws IOException {
    expect(json, json.nextToken(), JsonToken.START_OBJECT, SafetensorsHeader.METADATA);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      checkCount(metadata.size(), "metadata entries");
      expect(json, json.nextToken(), JsonToken.VALUE_STRING, "metadata " + Failures.quoted(key));
      metadata.put(key, json.getText());
    }
  }

  private void checkCount(int before, String what) {
    if (before == SafetensorsHeader.MOST_ENTRIES) {
      throw new CheckpointException(
          "%s: more than %d %s in one file; split it into shards"
              .formatted(path, SafetensorsHeader.MOST_ENTRIES, what));
    }
  }

  private Place place(JsonParser json, String name, long dataStart) throws IOException {
    String label = "tensor " + Failures.quoted(name);
    Optional<ElementType> type = Optional.empty();
    Optional<List<Long>> shape = Optional.empty();
    Optional<List<Long>> offsets = Optional.empty();
    expect(json, json.nextToken(), JsonToken.START_OBJECT, label);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      switch (field) {
        case "dtype" -> type = Optional.of(type(json, label));
        case "shape" -> shape = Optional.of(longs(json, label + ", shape"));
        case "data_offsets" -> offsets = Optional.of(longs(json, label + ", data_offsets"));
        default ->
            throw malformed(json, label + " has the unknown field " + Failures.quoted(field));
      }
    }
    if (type.isEmpty() || shape.isEmpty() || offsets.isEmpty()) {
      throw malformed(json, label + " lacks its dtype, shape or data_offsets");
    }
    return checked(
        json, label, info(json, name, type.get(), shape.get()), offsets.get(), dataStart);
  }

  private Place checked(
      JsonParser json, String label, TensorInfo tensor, List<Long> offsets, long dataStart) {
    if (offsets.size() != 2) {
      throw malformed(json, "%s has %d data_offsets instead of 2".formatted(label, offsets.size()));
    }
    long begin = offsets.getFirst();
    long end = offsets.getLast();
    if (begin < 0 || begin > end) {
      throw malformed(json, "%s has data_offsets [%d, %d]".formatted(label, begin, end));
    }
    if (end - begin != tensor.bytes()) {
      throw malformed(
          json,
          "%s of type %s and shape %s needs %d bytes, its data_offsets give %d"
              .formatted(label, tensor.type(), tensor.shape(), tensor.bytes(), end - begin));
    }
    if (end > fileBytes - dataStart) {
      throw Failures.damaged(
          path,
          "it is cut off: %s ends %d bytes into the data section, which starts at byte %d of %d"
              .formatted(label, end, dataStart, fileBytes));
    }
    return new Place(tensor, begin, end);
  }

  private TensorInfo info(JsonParser json, String name, ElementType type, List<Long> shape) {
    try {
      return new TensorInfo(name, type, shape);
    } catch (IllegalArgumentException e) {
      throw malformed(json, Objects.requireNonNullElse(e.getMessage(), ""));
    }
  }

  private ElementType type(JsonParser json, String label) throws IOException {
    expect(json, json.nextToken(), JsonToken.VALUE_STRING, label + ", dtype");
    String dtype = json.getText();
    return ElementType.named(dtype)
        .orElseThrow(() ->
            new CheckpointException(
                "%s: %s has the element type %s; supported are %s; convert the file"
                    .formatted(
                        path,
                        label,
                        Failures.quoted(dtype),
                        Arrays.toString(ElementType.values()))));
  }

  private List<Long> longs(JsonParser json, String label) throws IOException {
    List<Long> values = new ArrayList<>();
    expect(json, json.nextToken(), JsonToken.START_ARRAY, label);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, label);
      if (values.size() == TensorInfo.HIGHEST_RANK) {
        throw malformed(json, label + " has more than " + TensorInfo.HIGHEST_RANK + " entries");
      }
      values.add(json.getLongValue());
    }
    return values;
  }

  private void expect(JsonParser json, @Nullable JsonToken found, JsonToken wanted, String label) {
    if (found != wanted) {
      throw malformed(json, "%s: expected %s, found %s".formatted(label, wanted, found));
    }
  }

  private CheckpointException malformed(JsonParser json, String what) {
    long near = Long.BYTES + Math.max(0, json.currentLocation().getCharOffset());
    return Failures.damaged(path, "%s (near byte %d)".formatted(what, near));
  }
}
