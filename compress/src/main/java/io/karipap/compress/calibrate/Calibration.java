package io.karipap.compress.calibrate;

import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import java.util.Optional;

/**
 * The statistics of a model's layers, collected once in a run.
 *
 * @param inputs C of every input, and the frequencies of tokens
 * @param gradients G of every output, where losses are measured in nats
 */
public record Calibration(CalibrationStatistics inputs, Optional<GradientStatistics> gradients)
    implements AutoCloseable {

  /** Inputs alone. */
  public static Calibration of(CalibrationStatistics inputs) {
    return new Calibration(inputs, Optional.empty());
  }

  @Override
  public void close() {
    inputs.close();
    gradients.ifPresent(GradientStatistics::close);
  }
}
