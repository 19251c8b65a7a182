package io.karipap.compress.calibrate;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Factorization;
import io.karipap.tensor.TensorOwner;
import java.util.Map;

/**
 * The original that compressed matrices are held against, and the text that this is done on.
 *
 * @param weights in the basis of the compressed model
 */
public record ReferenceModel(Architecture architecture, Weights weights, CalibrationSplit data) {

  /**
   * KL divergence of the model with some matrices replaced, on held-out text, in nats per token.
   */
  public double divergence(Map<String, Factorization> replaced) {
    return data.divergence(architecture, weights, weights.with(replaced));
  }

  /** Measures replacements of single matrices on a little of the calibration text. */
  public SingleMatrixKl probe(TensorOwner owner) {
    return data.probe(architecture, weights, owner);
  }
}
