package io.karipap.model.arch;

import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.SharedTensors;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * All parameters of a model, by their Hugging Face names.
 *
 * @param matrices linear layers, embeddings and head, dense or factorized, named without the suffix
 *     {@code .weight}
 * @param vectors norm gains and biases, under their full names
 */
public record Weights(Map<String, Factorization> matrices, Map<String, Tensor> vectors) {

  /** Copies the maps, keeping their order. */
  public Weights {
    matrices = new LinkedHashMap<>(matrices);
    vectors = new LinkedHashMap<>(vectors);
  }

  /** The matrix of that name, which the architecture says is there. */
  public Factorization matrix(String name) {
    return require(matrices.get(name), name);
  }

  /** The vector of that name, which the architecture says is there. */
  public Tensor vector(String name) {
    return require(vectors.get(name), name);
  }

  private static <T> T require(@org.jspecify.annotations.Nullable T value, String name) {
    if (value == null) {
      throw new IllegalArgumentException("the model has no parameter " + name);
    }
    return value;
  }

  /** The same parameters with some matrices replaced. */
  public Weights with(Map<String, ? extends Factorization> replacements) {
    Weights result = new Weights(matrices, vectors);
    result.matrices.putAll(replacements);
    return result;
  }

  /**
   * The same structure with every stored tensor replaced. A tensor that several matrices share is
   * replaced once, and stays shared.
   */
  public Weights map(UnaryOperator<Tensor> function) {
    UnaryOperator<Tensor> once = SharedTensors.once(function);
    Map<String, Factorization> mapped = new LinkedHashMap<>();
    matrices.forEach((name, f) -> mapped.put(name, f.map(once)));
    Map<String, Tensor> mappedVectors = new LinkedHashMap<>();
    vectors.forEach((name, v) -> mappedVectors.put(name, once.apply(v)));
    return new Weights(mapped, mappedVectors);
  }

  /**
   * The same parameters with every network contracted to its matrix, except low-rank pairs and
   * cells that cost less than it, which run as they are.
   */
  public Weights rebuilt() {
    Map<String, Factorization> dense = new LinkedHashMap<>();
    matrices.forEach((name, f) -> dense.put(name, rebuilt(f)));
    return new Weights(dense, vectors);
  }

  private static Factorization rebuilt(Factorization f) {
    return switch (f) {
      case Dense _, LowRank _ -> f;
      case BlockTensorTrain _, Pepo _, Sum _, Sparse _ -> new Dense(f.matrix());
      case UnitCell cell ->
          cell.multiplications() < cell.elements() ? cell : new Dense(cell.matrix());
      case Quantized coded -> rebuilt(coded.dequantized());
    };
  }

  /**
   * Every stored tensor that can be trained, those once that are shared: the cores of the matrices
   * in order, then the vectors.
   */
  public List<Tensor> tensors() {
    return SharedTensors.distinct(
        Stream.concat(
            matrices.values().stream().flatMap(f -> f.cores().stream()),
            vectors.values().stream()));
  }

  /** Number of stored parameters, codes included. */
  public long parameters() {
    return tensors().stream().mapToLong(Tensor::elements).sum()
        + matrices.values().stream().mapToLong(Weights::constants).sum();
  }

  /** Stored numbers that are no variables. */
  private static long constants(Factorization f) {
    return f.parameters() - f.cores().stream().mapToLong(Tensor::elements).sum();
  }
}
