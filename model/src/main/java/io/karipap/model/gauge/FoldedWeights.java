package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.io.WeightSource;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model whose norms' gains are in the matrices behind them, W diag(g), and are 1 themselves.
 *
 * @param original the model before
 * @param vectors the original's, the folded gains replaced by ones
 */
record FoldedWeights(WeightSource original, Map<String, Tensor> vectors) implements WeightSource {

  static FoldedWeights of(WeightSource original) {
    Map<String, Tensor> vectors = new LinkedHashMap<>(original.vectors());
    original.matrices().stream()
        .flatMap(matrix -> matrix.norm().stream())
        .distinct()
        .forEach(gain ->
            vectors.computeIfPresent(gain, (_, g) -> Tensor.full(1, g.dtype(), g.elements())));
    return new FoldedWeights(original, vectors);
  }

  @Override
  public Architecture architecture() {
    return original.architecture();
  }

  @Override
  public List<MatrixSpec> matrices() {
    return original.matrices();
  }

  @Override
  public Tensor matrix(MatrixSpec matrix) {
    Tensor w = original.matrix(matrix);
    return gain(matrix).map(g -> w.to(DType.F64).mul(g).to(w.dtype())).orElse(w);
  }

  /** The gain that was folded into a matrix, float64. */
  private Optional<Tensor> gain(MatrixSpec matrix) {
    return matrix
        .norm()
        .flatMap(name -> Optional.ofNullable(original.vectors().get(name)))
        .map(g -> g.to(DType.F64));
  }
}
