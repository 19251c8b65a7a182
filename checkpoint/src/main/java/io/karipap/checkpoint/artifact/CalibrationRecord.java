package io.karipap.checkpoint.artifact;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.JsonFields;

/**
 * The text that a compression was calibrated on.
 *
 * @param digest SHA-256 of the text, lower-case hexadecimal
 * @param tokens number of tokens used
 * @param windows number of windows
 * @param context tokens a window
 * @param source where the text came from, for people
 */
public record CalibrationRecord(
    String digest, long tokens, int windows, int context, String source) {

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("digest", digest)
        .put("tokens", tokens)
        .put("windows", windows)
        .put("context", context)
        .put("source", source);
  }

  static CalibrationRecord parse(JsonFields fields) {
    return new CalibrationRecord(
        fields.text("digest"),
        fields.longInteger("tokens", 0, Long.MAX_VALUE),
        fields.integer("windows", 0, Integer.MAX_VALUE),
        fields.integer("context", 0, Integer.MAX_VALUE),
        fields.text("source"));
  }
}
