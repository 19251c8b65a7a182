package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Space;
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
   * tensor scope, which holds the new vectors and must stay open.
   *
   * <p>With tied embeddings, a rotated residual stream and a final gain g that is not one number
   * the head cannot be written as the table any more: the result has the matrix {@link
   * Architecture#headGain}, Q diag(g) Q^T, between norm and table.
   *
   * @throws IllegalArgumentException if the residual stream is to be turned and gains have not been
   *     folded
   */
  public WeightSource apply(WeightSource source) {
    Architecture architecture = source.architecture();
    boolean turns = !(basis(architecture.head().input()) instanceof Unchanged);
    if (turns && !NormFolding.isFolded(source)) {
      throw new IllegalArgumentException(
          "norms with gains do not commute with rotations: fold the gains first");
    }
    Map<String, Tensor> vectors = new LinkedHashMap<>(source.vectors());
    for (MatrixSpec matrix : source.matrices()) {
      vectors.computeIfPresent(matrix.bias(), (_, bias) -> turnedBias(matrix, bias));
    }
    Optional<Tensor> gain = turns ? tiedGain(source) : Optional.empty();
    gain.ifPresent(g ->
        vectors.put(
            architecture.head().norm().orElseThrow(), Tensor.full(1, g.dtype(), g.elements())));
    return new GaugedWeights(source, this, vectors, gain);
  }

  /** The same for a model in memory. */
  public Weights apply(Architecture architecture, Weights weights) {
    return apply(new WeightsInMemory(architecture, weights)).all();
  }

  /**
   * A matrix in this gauge.
   *
   * @param w [rows, columns] of the model before
   */
  Tensor turned(MatrixSpec matrix, Tensor w) {
    Tensor wide = w.to(DType.F64);
    Tensor turned =
        matrix.role() == Role.EMBED
            ? output(matrix).apply(wide.transpose()).transpose() // rows are vectors of the stream
            : input(matrix).between(wide, output(matrix));
    return turned.to(w.dtype()).contiguous();
  }

  /** {@link Architecture#headGain}: Q diag(g) Q^T. */
  Tensor headGain(Architecture architecture, Tensor gain) {
    Tensor scaled = Tensor.eye(DType.F64, gain.elements()).mul(gain.to(DType.F64));
    return basis(architecture.head().input()).congruent(scaled).to(gain.dtype()).contiguous();
  }

  private Tensor turnedBias(MatrixSpec matrix, Tensor bias) {
    return output(matrix).apply(bias.to(DType.F64).unsqueeze(1)).reshape(-1).to(bias.dtype());
  }

  /**
   * Numbers that a model in a gauge that turns the residual stream stores beyond the original's:
   * those of {@link Architecture#headGain}.
   */
  public static long extraParameters(WeightSource source) {
    return tiedGain(source).isPresent() ? source.architecture().headGain().elements() : 0;
  }

  /** The same for a model in memory. */
  public static long extraParameters(Architecture architecture, Weights weights) {
    return extraParameters(new WeightsInMemory(architecture, weights));
  }

  /** The gain of the final norm, where the head is the table and has no place for it. */
  private static Optional<Tensor> tiedGain(WeightSource source) {
    Architecture architecture = source.architecture();
    return architecture.config().tiedEmbeddings()
        ? architecture
            .head()
            .norm()
            .flatMap(name -> Optional.ofNullable(source.vectors().get(name)))
            .filter(gain -> !isConstant(gain))
        : Optional.empty();
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
