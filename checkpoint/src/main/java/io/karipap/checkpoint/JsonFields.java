package io.karipap.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Typed and range-checked fields of a JSON object. An explicit null counts as absent.
 *
 * @param where the source of the object, for messages
 */
public record JsonFields(ObjectNode json, String where) {

  public int integer(String key, int lowest, int highest) {
    return optionalInteger(key, lowest, highest).orElseThrow(() -> missing(key));
  }

  public OptionalInt optionalInteger(String key, int lowest, int highest) {
    return has(key)
        ? OptionalInt.of(integer(key, json.get(key), lowest, highest))
        : OptionalInt.empty();
  }

  /** A number, or a list of numbers; empty where absent. */
  public List<Integer> integers(String key, int lowest, int highest) {
    List<Integer> values = new ArrayList<>();
    if (has(key) && json.get(key).isArray()) {
      json.get(key).forEach(node -> values.add(integer(key, node, lowest, highest)));
    } else {
      optionalInteger(key, lowest, highest).ifPresent(values::add);
    }
    return List.copyOf(values);
  }

  private int integer(String key, JsonNode node, int lowest, int highest) {
    return Math.toIntExact(whole(key, node, lowest, highest));
  }

  public long longInteger(String key, long lowest, long highest) {
    return whole(key, required(key), lowest, highest);
  }

  private long whole(String key, JsonNode node, long lowest, long highest) {
    if (!node.isNumber() || !node.canConvertToExactIntegral() || !node.canConvertToLong()) {
      throw wrong(key, "must be a whole number, is " + shown(node));
    }
    if (node.longValue() < lowest || node.longValue() > highest) {
      throw wrong(key, "must be from %d to %d, is %s".formatted(lowest, highest, shown(node)));
    }
    return node.longValue();
  }

  public double number(String key, double lowest, double highest) {
    return optionalNumber(key, lowest, highest).orElseThrow(() -> missing(key));
  }

  public OptionalDouble optionalNumber(String key, double lowest, double highest) {
    if (!has(key)) {
      return OptionalDouble.empty();
    }
    JsonNode node = json.get(key);
    // the negation keeps NaN out as well
    if (!node.isNumber() || !(node.doubleValue() >= lowest && node.doubleValue() <= highest)) {
      throw wrong(
          key, "must be a number from %s to %s, is %s".formatted(lowest, highest, shown(node)));
    }
    return OptionalDouble.of(node.doubleValue());
  }

  public boolean flag(String key, boolean otherwise) {
    return optionalFlag(key).orElse(otherwise);
  }

  public Optional<Boolean> optionalFlag(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    if (!json.get(key).isBoolean()) {
      throw wrong(key, "must be true or false, is " + shown(json.get(key)));
    }
    return Optional.of(json.get(key).booleanValue());
  }

  /** The strings of a list; empty where absent. */
  public List<String> texts(String key) {
    if (!has(key)) {
      return List.of();
    }
    if (!json.get(key).isArray()) {
      throw wrong(key, "must be a list, is " + shown(json.get(key)));
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode node : json.get(key)) {
      if (!node.isTextual()) {
        throw wrong(key, "must be a list of strings, holds " + shown(node));
      }
      texts.add(node.textValue());
    }
    return texts;
  }

  public String text(String key) {
    return optionalText(key).orElseThrow(() -> missing(key));
  }

  public Optional<String> optionalText(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    if (!json.get(key).isTextual()) {
      throw wrong(key, "must be a string, is " + shown(json.get(key)));
    }
    return Optional.of(json.get(key).textValue());
  }

  public JsonFields object(String key) {
    return optionalObject(key).orElseThrow(() -> missing(key));
  }

  public Optional<JsonFields> optionalObject(String key) {
    if (!has(key)) {
      return Optional.empty();
    }
    if (!(json.get(key) instanceof ObjectNode object)) {
      throw wrong(key, "must be an object, is " + shown(json.get(key)));
    }
    return Optional.of(new JsonFields(object, where + ", " + key));
  }

  /** The objects of a list. */
  public List<JsonFields> objects(String key) {
    if (!required(key).isArray()) {
      throw wrong(key, "must be a list, is " + shown(json.get(key)));
    }
    List<JsonFields> objects = new ArrayList<>();
    for (JsonNode node : json.get(key)) {
      if (!(node instanceof ObjectNode object)) {
        throw wrong(key, "must be a list of objects, holds " + shown(node));
      }
      objects.add(new JsonFields(object, "%s, %s[%d]".formatted(where, key, objects.size())));
    }
    return objects;
  }

  public boolean has(String key) {
    return json.hasNonNull(key);
  }

  public CheckpointException wrong(String key, String what) {
    return new CheckpointException("%s: %s %s".formatted(where, key, what));
  }

  private JsonNode required(String key) {
    if (!has(key)) {
      throw missing(key);
    }
    return json.get(key);
  }

  private CheckpointException missing(String key) {
    return wrong(key, "is missing");
  }

  public static String shown(JsonNode node) {
    return Failures.quoted(node.toString());
  }
}
