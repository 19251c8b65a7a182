package io.karipap.compress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import java.nio.file.Path;
import java.util.List;

/**
 * What the flow did: flow.json.
 *
 * @param steps one truncation after the other
 * @param divergences where the model was held against the original
 */
public record AllocationTrace(List<Step> steps, List<Divergence> divergences) {

  /**
   * A truncation.
   *
   * @param matrix which matrix
   * @param action what was done to it
   * @param parameters of this matrix afterwards
   * @param error of this matrix in its metric, not squared
   * @param modelParameters of the whole model
   * @param estimatedLoss of the whole model, nats per token
   */
  public record Step(
      String matrix,
      String action,
      long parameters,
      double error,
      long modelParameters,
      double estimatedLoss) {}

  /**
   * A measurement on held-out text.
   *
   * @param modelParameters parameters of the model
   * @param estimatedLoss nats per token
   * @param kl KL divergence from the original, nats per token
   */
  public record Divergence(long modelParameters, double estimatedLoss, double kl) {}

  /** The trace as JSON. */
  public String toJson() {
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a trace can always be written", e);
    }
  }

  /**
   * Reads a trace.
   *
   * @throws CheckpointException if the file does not hold one
   */
  public static AllocationTrace read(Path file) {
    try {
      return new ObjectMapper().readValue(Json.text(file), AllocationTrace.class);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          "%s is no trace of an allocation: %s".formatted(file, e.getOriginalMessage()));
    }
  }
}
