package io.karipap.compress.flow;

import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Factorization;

/**
 * Corrects estimated losses by measured ones. The estimate takes inputs and gradients for
 * independent and the divergence for quadratic; what it misses of a matrix is much the same at all
 * sizes.
 *
 * @param probe measures the divergence of the model with one matrix replaced
 * @param most the factor of a correction at most, up or down
 */
public record MeasuredCorrection(SingleMatrixKl probe, double most) {

  /** Before anything is known of a matrix. */
  public static MeasuredCorrection first(SingleMatrixKl probe) {
    return new MeasuredCorrection(probe, 100);
  }

  /** Of an estimate that has been corrected once already. */
  public static MeasuredCorrection further(SingleMatrixKl probe) {
    return new MeasuredCorrection(probe, 30);
  }

  /** The measured loss of a replacement against its estimate; 1 where that is zero. */
  public double factor(String matrix, Factorization replacement, double estimate) {
    return estimate > 0
        ? Math.clamp(probe.divergence(matrix, replacement) / estimate, 1 / most, most)
        : 1;
  }
}
