package io.karipap.model.io;

import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters of a checkpoint: matrices are read from the memory-mapped files when they are asked
 * for, and widened from the type that they are stored in.
 *
 * @param store stays the caller's to close
 * @param vectors read already
 */
public record CheckpointWeights(
    Architecture architecture, TensorStore store, Map<String, Tensor> vectors)
    implements WeightSource {

  /**
   * The parameters of an opened checkpoint. Must be called inside a tensor scope, which holds the
   * vectors and must stay open.
   *
   * @throws io.karipap.checkpoint.CheckpointException if a vector is missing or damaged, or a
   *     matrix is missing or has another shape
   */
  public static CheckpointWeights of(Architecture architecture, TensorStore store) {
    architecture.matrices().forEach(matrix -> CheckpointTensors.require(store, matrix));
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (VectorSpec vector : architecture.vectors()) {
      vectors.put(vector.name(), CheckpointTensors.read(store, vector));
    }
    return new CheckpointWeights(architecture, store, vectors);
  }

  @Override
  public List<MatrixSpec> matrices() {
    return architecture.matrices();
  }

  @Override
  public Tensor matrix(MatrixSpec matrix) {
    return CheckpointTensors.read(store, matrix);
  }
}
