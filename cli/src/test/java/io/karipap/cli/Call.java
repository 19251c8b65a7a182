package io.karipap.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;

/** What one call of the command gave. */
public record Call(int status, String out, String err) {

  /** Runs the command in this process. */
  public static Call of(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] args = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int status =
        Karipap.run(args, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    return new Call(status, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** Standard output as one JSON object with nothing behind it. */
  public JsonNode json() {
    try {
      return JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readTree(out);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not one JSON object: " + out + err, e);
    }
  }
}
