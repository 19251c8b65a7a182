package io.karipap.compress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.network.quantize.QuantizationScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Form, size and number format of every matrix: plan.yaml.
 *
 * @param parameters share of the original's parameters that is aimed at
 * @param matrices one entry for each matrix of the model
 */
public record Plan(double parameters, List<Entry> matrices) {

  /**
   * One matrix.
   *
   * @param name Hugging Face name, without the suffix {@code .weight}
   * @param form label of a {@link FactorizationKind}
   * @param budget the most parameters it may have
   * @param numbers number format, the label of a {@link QuantizationSpec} or {@code float32} (the
   *     default in a file)
   */
  public record Entry(String name, String form, long budget, String numbers) {

    /** Numbers that are not coded. */
    public static final String PLAIN = "float32";

    /** A matrix whose numbers are not coded. */
    public Entry(String name, String form, long budget) {
      this(name, form, budget, PLAIN);
    }

    /**
     * How its numbers are coded, if they are.
     *
     * @throws IllegalArgumentException if that cannot be read
     */
    public Optional<QuantizationSpec> coding() {
      return numbers.equals(PLAIN)
          ? Optional.empty()
          : Optional.of(QuantizationSpec.parse(numbers));
    }

    /** The same with its numbers coded. */
    public Entry coded(QuantizationSpec coding) {
      return new Entry(name, form, budget, coding.label());
    }
  }

  /** Copies the list. */
  public Plan {
    matrices = List.copyOf(matrices);
  }

  /** The same with all numbers in one format. */
  public Plan quantized(QuantizationScheme scheme) {
    return new Plan(
        parameters,
        matrices.stream().map(entry -> entry.coded(QuantizationSpec.of(scheme))).toList());
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
      ObjectMapper mapper = mapper();
      JsonNode tree = mapper.readTree(Files.readString(file));
      if (!tree.isObject()) {
        throw new CheckpointException("the recipe " + file + " is not a plan: it has no fields");
      }
      for (JsonNode entry : tree.path("matrices")) {
        if (entry instanceof ObjectNode object && !object.has("numbers")) {
          object.put("numbers", Entry.PLAIN);
        }
      }
      Plan plan = mapper.treeToValue(tree, Plan.class);
      plan.matrices()
          .forEach(entry -> {
            FactorizationKind form = FactorizationKind.of(entry.form());
            if (entry.coding().flatMap(QuantizationSpec::correction).isPresent()
                && form != FactorizationKind.DENSE) {
              throw new IllegalArgumentException(
                  "correction of %s, which is not of the form dense".formatted(entry.name()));
            }
          });
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
