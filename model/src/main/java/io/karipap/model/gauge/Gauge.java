package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Space;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A basis for every space inside a model. The logits do not depend on it, the error of a
 * compression at a given size does.
 *
 * @param bases by space, each head once; the other spaces stay as they are
 */
public record Gauge(Map<Space, ChangeOfBasis> bases) {

  /** Copies the map. */
  public Gauge {
    bases = Map.copyOf(bases);
  }

  /**
   * The same model in this gauge, its numbers in their own element type. Must be called inside a
   * tensor scope.
   *
   * <p>With tied embeddings, a rotated residual stream and a final gain g that is not one number
   * the head cannot be written as the table any more: the result has the matrix {@link
   * Architecture#headGain}, Q diag(g) Q^T, between norm and table.
   *
   * @throws IllegalArgumentException if the residual stream is to be turned and gains have not been
   *     folded, or the model is compressed already
   */
  public Weights apply(Architecture architecture, Weights weights) {
    ChangeOfBasis residual = basis(architecture.head().input());
    boolean turns = !(residual instanceof Unchanged);
    if (turns && !NormFolding.isFolded(architecture, weights)) {
      throw new IllegalArgumentException(
          "norms with gains do not commute with rotations: fold the gains first");
    }
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>(weights.vectors());
    for (MatrixSpec matrix : architecture.matrices()) {
      try (TensorScope scope = new TensorScope()) {
        Tensor w = NormFolding.dense(weights, matrix.name());
        Tensor turned = turned(matrix, w.to(DType.F64)).to(w.dtype());
        matrices.put(matrix.name(), new Dense(scope.keep(turned.contiguous().copy())));
        vectors.computeIfPresent(
            matrix.bias(), (_, bias) -> scope.keep(turnedBias(matrix, bias).copy()));
      }
    }
    if (turns && isTiedWithGain(architecture, weights)) {
      String norm = architecture.head().norm().orElseThrow();
      Tensor gain = weights.vector(norm);
      Tensor scaled = Tensor.eye(DType.F64, gain.elements()).mul(gain.to(DType.F64));
      Tensor turned = residual.congruent(scaled).to(gain.dtype()).contiguous();
      matrices.put(architecture.headGain().name(), new Dense(turned));
      vectors.put(norm, Tensor.full(1, gain.dtype(), gain.elements()));
    }
    return new Weights(matrices, vectors);
  }

  private Tensor turned(MatrixSpec matrix, Tensor w) {
    return matrix.role() == Role.EMBED
        ? output(matrix).apply(w.transpose()).transpose() // rows are vectors of the stream
        : input(matrix).between(w, output(matrix));
  }

  private Tensor turnedBias(MatrixSpec matrix, Tensor bias) {
    return output(matrix).apply(bias.to(DType.F64).unsqueeze(1)).reshape(-1).to(bias.dtype());
  }

  /**
   * Numbers that a model in a gauge that turns the residual stream stores beyond the original's:
   * those of {@link Architecture#headGain}.
   */
  public static long extraParameters(Architecture architecture, Weights weights) {
    return isTiedWithGain(architecture, weights) ? architecture.headGain().elements() : 0;
  }

  private static boolean isTiedWithGain(Architecture architecture, Weights weights) {
    return architecture.config().tiedEmbeddings()
        && architecture.head().norm().map(weights::vector).filter(g -> !isConstant(g)).isPresent();
  }

  private static boolean isConstant(Tensor gain) {
    return gain.sub(gain.select(0, 0)).abs().max().item() == 0;
  }

  /**
   * Statistics of the model in this gauge from those of the model before, C' = A C A^T, without
   * running it.
   */
  public CalibrationStatistics apply(Architecture architecture, CalibrationStatistics statistics) {
    return statistics.map(
        (layer, c) -> input(architecture.matrix(layer)).congruent(c).contiguous());
  }

  /** Basis of a layer's input. */
  public ChangeOfBasis input(MatrixSpec matrix) {
    return basis(matrix.input());
  }

  /** Basis of a layer's output; of the embeddings, that of the vectors looked up. */
  public ChangeOfBasis output(MatrixSpec matrix) {
    return basis(matrix.output());
  }

  /** Basis of a space, that of a head for each of its copies. */
  public ChangeOfBasis basis(Space space) {
    ChangeOfBasis single = bases.getOrDefault(space.single(), new Unchanged());
    return space.copies() == 1 ? single : single.repeated(space.copies());
  }
}
