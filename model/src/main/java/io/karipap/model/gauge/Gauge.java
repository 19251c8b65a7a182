package io.karipap.model.gauge;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A basis for every space inside a model. The logits do not depend on it, the error of a
 * compression at a given size does.
 *
 * @param residual of the residual stream
 * @param blocks of the spaces inside every block
 */
public record Gauge(ChangeOfBasis residual, List<Block> blocks) {

  /**
   * The spaces inside a block.
   *
   * @param values of the values, all key/value heads after each other
   * @param attended of what the attention's output projection is given: the values' basis, once for
   *     each query head
   * @param neurons of the MLP's hidden layer; a permutation, since the activation acts on each
   */
  public record Block(ChangeOfBasis values, ChangeOfBasis attended, ChangeOfBasis neurons) {

    /** Leaves everything as it is. */
    public static final Block UNCHANGED =
        new Block(new Unchanged(), new Unchanged(), new Unchanged());
  }

  /** Copies the list. */
  public Gauge {
    blocks = List.copyOf(blocks);
  }

  /**
   * The same model in this gauge, its numbers in their own element type. Must be called inside a
   * tensor scope.
   *
   * <p>With tied embeddings, a rotated residual stream and a final gain g that is not one number
   * the head cannot be written as the table any more: the result has the matrix {@link
   * Decoder#HEAD_GAIN}, Q diag(g) Q^T, between norm and table.
   *
   * @throws IllegalArgumentException if the residual stream is to be turned and gains have not been
   *     folded, or the model is compressed already
   */
  public Weights apply(ModelConfig config, Weights weights) {
    boolean turns = !(residual instanceof Unchanged);
    if (turns && !NormFolding.isFolded(config, weights)) {
      throw new IllegalArgumentException(
          "norms with gains do not commute with rotations: fold the gains first");
    }
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>(weights.vectors());
    for (MatrixSpec matrix : MatrixSpec.all(config)) {
      String name = matrix.name();
      try (TensorScope scope = new TensorScope()) {
        Tensor w = NormFolding.dense(weights, name);
        Tensor turned = turned(matrix, w.to(DType.F64)).to(w.dtype());
        matrices.put(name, new Dense(scope.keep(turned.contiguous().copy())));
        vectors.computeIfPresent(
            name + ".bias", (_, bias) -> scope.keep(turnedBias(matrix, bias).copy()));
      }
    }
    Tensor gain = weights.vector(NormFolding.FINAL_GAIN);
    if (turns && config.tiedEmbeddings() && !isConstant(gain)) {
      Tensor scaled = Tensor.eye(DType.F64, gain.elements()).mul(gain.to(DType.F64));
      Tensor turned = residual.congruent(scaled).to(gain.dtype()).contiguous();
      matrices.put(Decoder.HEAD_GAIN, new Dense(turned));
      vectors.put(NormFolding.FINAL_GAIN, Tensor.full(1, gain.dtype(), gain.elements()));
    }
    return new Weights(matrices, vectors);
  }

  private Tensor turned(MatrixSpec matrix, Tensor w) {
    return matrix.name().equals(Decoder.EMBEDDINGS)
        ? residual.apply(w.transpose()).transpose() // rows are vectors of the stream
        : input(matrix).between(w, output(matrix));
  }

  private Tensor turnedBias(MatrixSpec matrix, Tensor bias) {
    return output(matrix).apply(bias.to(DType.F64).unsqueeze(1)).reshape(-1).to(bias.dtype());
  }

  /**
   * Numbers that a model in this gauge stores beyond the original's: those of {@link
   * Decoder#HEAD_GAIN}.
   */
  public static long extraParameters(ModelConfig config, Weights weights) {
    Tensor gain = weights.vector(NormFolding.FINAL_GAIN);
    return config.tiedEmbeddings() && !isConstant(gain) ? gain.elements() * gain.elements() : 0;
  }

  private static boolean isConstant(Tensor gain) {
    return gain.sub(gain.select(0, 0)).abs().max().item() == 0;
  }

  /**
   * Statistics of the model in this gauge from those of the model before, C' = A C A^T, without
   * running it.
   */
  public CalibrationStatistics apply(ModelConfig config, CalibrationStatistics statistics) {
    Map<String, ChangeOfBasis> inputs =
        MatrixSpec.all(config).stream().collect(Collectors.toMap(MatrixSpec::name, this::input));
    return statistics.map(
        (layer, c) -> inputs.getOrDefault(layer, residual).congruent(c).contiguous());
  }

  /** Basis of a layer's input. */
  public ChangeOfBasis input(MatrixSpec matrix) {
    return switch (matrix.family()) {
      case "o_proj" -> blocks.get(matrix.block()).attended();
      case "down_proj" -> blocks.get(matrix.block()).neurons();
      default -> residual;
    };
  }

  /** Basis of a layer's output; of the embeddings, that of the vectors looked up. */
  public ChangeOfBasis output(MatrixSpec matrix) {
    return switch (matrix.family()) {
      case "v_proj" -> blocks.get(matrix.block()).values();
      case "gate_proj", "up_proj" -> blocks.get(matrix.block()).neurons();
      case "o_proj", "down_proj", "embed_tokens" -> residual;
      default -> new Unchanged();
    };
  }
}
