package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
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
   * The same model with gains of 1. Must be called inside a tensor scope.
   *
   * @throws IllegalArgumentException if the model is compressed already
   */
  public static Weights fold(Architecture architecture, Weights weights) {
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>(weights.vectors());
    for (MatrixSpec matrix : architecture.matrices()) {
      matrix
          .norm()
          .ifPresent(name -> {
            Tensor gain = weights.vector(name);
            try (TensorScope scope = new TensorScope()) {
              Tensor w = dense(weights, matrix.name());
              Tensor scaled = w.to(DType.F64).mul(gain.to(DType.F64)).to(w.dtype());
              matrices.put(matrix.name(), new Dense(scope.keep(scaled)));
            }
            vectors.put(name, Tensor.full(1, gain.dtype(), gain.elements()));
          });
    }
    return new Weights(weights.with(matrices).matrices(), vectors);
  }

  /**
   * Statistics of the original from those of the folded model: C becomes diag(g) C diag(g). The
   * other way would divide by gains that may be zero.
   *
   * @param original the weights before folding
   */
  public static CalibrationStatistics unfold(
      Architecture architecture, Weights original, CalibrationStatistics folded) {
    Map<String, String> gains = new LinkedHashMap<>();
    architecture.matrices().forEach(m -> m.norm().ifPresent(gain -> gains.put(m.name(), gain)));
    return folded.map((layer, c) ->
        Optional.ofNullable(gains.get(layer))
            .map(name -> original.vector(name).to(DType.F64))
            .map(gain -> c.mul(gain).mul(gain.unsqueeze(1)))
            .orElse(c));
  }

  /** True if every gain that can be folded is 1. */
  static boolean isFolded(Architecture architecture, Weights weights) {
    return architecture.matrices().stream()
        .flatMap(matrix -> matrix.norm().stream())
        .distinct()
        .allMatch(name -> weights.vector(name).add(-1).abs().max().item() == 0);
  }

  /**
   * The numbers of a matrix that has not been compressed.
   *
   * @throws IllegalArgumentException if it has been
   */
  static Tensor dense(Weights weights, String name) {
    if (weights.matrix(name) instanceof Dense(Tensor matrix)) {
      return matrix;
    }
    throw new IllegalArgumentException(
        name + " is compressed already: a gauge is chosen for the original");
  }
}
