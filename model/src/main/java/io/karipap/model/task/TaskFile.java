package io.karipap.model.task;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.task.Example.Cloze;
import io.karipap.model.task.Example.MultipleChoice;
import io.karipap.model.task.Example.PartialChoice;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tasks as files of JSON lines, one example a line, known by their fields: {@code query, choices,
 * gold} (PIQA, ARC, COPA, BoolQ), {@code context, continuation} (LAMBADA) or {@code
 * context_options, continuation, gold} (WinoGrande). Further fields are not read.
 */
public final class TaskFile {

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final String ENDING = ".jsonl";

  private TaskFile() {}

  /**
   * Reads a task, which is called like its file.
   *
   * @throws CheckpointException if it cannot be read, has no examples, or a line is not one: with
   *     the number of the line
   */
  public static Task read(Path file) {
    List<String> lines = lines(file);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        examples.add(example(lines.get(i), "%s, line %d".formatted(file, i + 1)));
      }
    }
    if (examples.isEmpty()) {
      throw new CheckpointException(
          "the task " + file + " is empty: give a file with one JSON object a line");
    }
    if (examples.stream().map(Object::getClass).distinct().count() > 1) {
      throw new CheckpointException(
          "%s holds examples of different kinds: give each task a file of its own".formatted(file));
    }
    return new Task(name(file), examples);
  }

  private static String name(Path file) {
    String name = file.toAbsolutePath().normalize().toFile().getName();
    return name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          "the task " + file + " is not UTF-8: give a file with one JSON object a line", e);
    } catch (NoSuchFileException e) {
      throw new CheckpointException("the task " + file + " cannot be read: no such file", e);
    } catch (IOException e) {
      throw new CheckpointException(
          "the task %s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Example example(String line, String where) {
    Fields fields = new Fields(object(line, where), where);
    if (fields.has("query") || fields.has("choices")) {
      List<String> answers = fields.texts("choices");
      return new MultipleChoice(
          Prompt.of(fields.text("query")), answers, fields.index("gold", answers.size()));
    }
    if (fields.has("context_options")) {
      List<String> beginnings = fields.texts("context_options");
      return new PartialChoice(
          beginnings, fields.text("continuation"), fields.index("gold", beginnings.size()));
    }
    if (fields.has("context") || fields.has("continuation")) {
      return new Cloze(fields.text("context"), fields.text("continuation"));
    }
    throw new CheckpointException(
        where
            + " is no known task: expected are the fields query, choices, gold (multiple choice);"
            + " context, continuation (cloze); or context_options, continuation, gold");
  }

  private static ObjectNode object(String line, String where) {
    try {
      if (MAPPER.readTree(line) instanceof ObjectNode object) {
        return object;
      }
      throw new CheckpointException(where + " is not a JSON object: every line must be one");
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          "%s is not valid JSON: %s".formatted(where, e.getOriginalMessage()), e);
    }
  }

  private record Fields(ObjectNode json, String where) {

    boolean has(String key) {
      return json.has(key);
    }

    String text(String key) {
      return text(key, json.path(key));
    }

    private String text(String key, JsonNode node) {
      if (!node.isTextual() || node.textValue().isBlank()) {
        throw wrong(key, node, "must be a text that is not blank");
      }
      return node.textValue();
    }

    List<String> texts(String key) {
      JsonNode list = json.path(key);
      if (!list.isArray() || list.size() < 2) {
        throw wrong(key, list, "must be a list of at least two texts");
      }
      List<String> texts = new ArrayList<>();
      list.forEach(node -> texts.add(text(key, node)));
      return texts;
    }

    int index(String key, int count) {
      JsonNode node = json.path(key);
      if (!node.isIntegralNumber()
          || !node.canConvertToInt()
          || node.intValue() < 0
          || node.intValue() >= count) {
        throw wrong(key, node, "must be the number of the right one, 0 to " + (count - 1));
      }
      return node.intValue();
    }

    private CheckpointException wrong(String key, JsonNode node, String what) {
      return new CheckpointException(
          "%s: the field %s %s".formatted(where, key, node.isMissingNode() ? "is missing" : what));
    }
  }
}
