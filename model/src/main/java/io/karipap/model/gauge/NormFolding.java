package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.WeightSource;
import io.karipap.model.io.WeightsInMemory;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Moves the gains of the norms into the layers behind them, W diag(g), so that the norms commute
 * with rotations (Ashkboos et al. 2024, "SliceGPT", section 3.2). The final norm keeps its gain if
 * the head is tied to the embeddings, which have no place for it.
 */
public final class NormFolding {

  private NormFolding() {}

  /**
   * The same model with gains of 1. Must be called inside a tensor scope, which holds the new
   * vectors and must stay open.
   */
  public static WeightSource fold(WeightSource original) {
    return FoldedWeights.of(original);
  }

  /** The same for a model in memory. */
  public static Weights fold(Architecture architecture, Weights weights) {
    return fold(new WeightsInMemory(architecture, weights)).all();
  }

  /**
   * Statistics of the original from those of the folded model: C becomes diag(g) C diag(g). The
   * other way would divide by gains that may be zero.
   *
   * @param original the model before folding; its vectors must stay open
   */
  public static CalibrationStatistics unfold(WeightSource original, CalibrationStatistics folded) {
    Map<String, Tensor> gains = new LinkedHashMap<>();
    for (MatrixSpec matrix : original.matrices()) {
      matrix
          .norm()
          .flatMap(name -> Optional.ofNullable(original.vectors().get(name)))
          .ifPresent(gain -> gains.put(matrix.name(), gain));
    }
    return folded.map((layer, c) ->
        Optional.ofNullable(gains.get(layer))
            .map(gain -> gain.to(DType.F64))
            .map(gain -> c.mul(gain).mul(gain.unsqueeze(1)))
            .orElse(c));
  }

  /** The same for a model in memory. */
  public static CalibrationStatistics unfold(
      Architecture architecture, Weights original, CalibrationStatistics folded) {
    return unfold(new WeightsInMemory(architecture, original), folded);
  }

  /** True if every gain that can be folded is 1. */
  static boolean isFolded(WeightSource source) {
    return source.matrices().stream()
        .flatMap(matrix -> matrix.norm().stream())
        .distinct()
        .flatMap(name -> Optional.ofNullable(source.vectors().get(name)).stream())
        .allMatch(gain -> gain.add(-1).abs().max().item() == 0);
  }
}
