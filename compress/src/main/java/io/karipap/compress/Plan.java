package io.karipap.compress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.karipap.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What every matrix may become, and how large it may be: plan.yaml.
 *
 * @param parameters share of the original's parameters that is aimed at
 * @param matrices one entry for each matrix of the model
 */
public record Plan(double parameters, List<Entry> matrices) {

  /**
   * One matrix.
   *
   * @param name Hugging Face name, without the suffix {@code .weight}
   * @param form label of a {@link Form}
   * @param budget the most parameters it may have
   */
  public record Entry(String name, String form, long budget) {}

  /** Copies the list. */
  public Plan {
    matrices = List.copyOf(matrices);
  }

  private static ObjectMapper mapper() {
    return new ObjectMapper(
            YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build())
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }

  /** The plan as YAML. */
  public String toYaml() {
    try {
      return mapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a plan can always be written", e);
    }
  }

  /**
   * Reads a plan.
   *
   * @throws CheckpointException if the file is not one
   */
  public static Plan read(Path file) {
    try {
      Plan plan = mapper().readValue(Files.readString(file), Plan.class);
      plan.matrices().forEach(entry -> Form.of(entry.form()));
      return plan;
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          "the recipe " + file + " is not a plan: " + e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw new CheckpointException("the recipe " + file + " names an " + e.getMessage());
    } catch (IOException e) {
      throw new CheckpointException("the recipe " + file + " cannot be read: " + e.getMessage());
    }
  }
}
