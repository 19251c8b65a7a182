package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.codec.StoredNumbers;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.StoredTensor;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Matrices and vectors where an original checkpoint of their architecture has them. */
final class CheckpointTensors {

  private CheckpointTensors() {}

  /**
   * A matrix [rows, columns], widened to float32.
   *
   * @throws CheckpointException if its tensor is missing, has another shape, or holds an infinity
   *     or a NaN
   */
  static Tensor read(TensorStore store, MatrixSpec matrix) {
    return read(store, matrix.stored(), matrix.rows(), matrix.columns());
  }

  /**
   * Checks what can be checked without reading the numbers of a matrix.
   *
   * @throws CheckpointException if its tensor is missing or has another shape
   */
  static void require(TensorStore store, MatrixSpec matrix) {
    StoredTensor stored = matrix.stored();
    var _ =
        StoredNumbers.info(
            store, stored.name(store::contains), stored.shape(matrix.rows(), matrix.columns()));
  }

  /** A vector, as {@link #read(TensorStore, MatrixSpec)}. */
  static Tensor read(TensorStore store, VectorSpec vector) {
    return read(store, vector.stored(), vector.dimensions());
  }

  private static Tensor read(TensorStore store, StoredTensor stored, long... shape) {
    Tensor whole = TensorFiles.read(store, stored.name(store::contains), stored.shape(shape));
    return stored.part(whole, Math.toIntExact(shape[0]));
  }

  /**
   * The tensors of a checkpoint, by name: matrices in the order of the weights, then vectors; fused
   * ones stand where their first part does. Must be called inside a tensor scope.
   */
  static SequencedMap<String, Tensor> of(Architecture architecture, Weights weights) {
    SequencedMap<StoredTensor, NavigableMap<Integer, Tensor>> parts = new LinkedHashMap<>();
    for (Map.Entry<String, Factorization> entry : weights.matrices().entrySet()) {
      add(parts, architecture.matrix(entry.getKey()).stored(), entry.getValue().matrix());
    }
    Map<String, VectorSpec> vectors = new LinkedHashMap<>();
    architecture.vectors().forEach(vector -> vectors.put(vector.name(), vector));
    weights
        .vectors()
        .forEach((name, v) ->
            add(parts, java.util.Objects.requireNonNull(vectors.get(name)).stored(), v));
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    parts.forEach((stored, rows) ->
        tensors.put(stored.names().getFirst(), stored.joined(List.copyOf(rows.values()))));
    return tensors;
  }

  private static void add(
      Map<StoredTensor, NavigableMap<Integer, Tensor>> parts, StoredTensor stored, Tensor part) {
    int start = stored.rows().map(StoredTensor.Rows::start).orElse(0);
    parts.computeIfAbsent(stored.whole(), _ -> new TreeMap<>()).put(start, part);
  }
}
