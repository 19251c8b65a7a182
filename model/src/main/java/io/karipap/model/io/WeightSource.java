package io.karipap.model.io;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a model that is not compressed, given out one matrix at a time: a model need
 * not be in memory as a whole to be calibrated, fitted and written.
 *
 * <p>Tensors are made in the caller's scope and are the caller's to let go. Calls may come from
 * several threads.
 */
public interface WeightSource {

  /** Which matrices and vectors there are. */
  Architecture architecture();

  /** The matrices: those of the architecture, and its head gain where the model has one. */
  List<MatrixSpec> matrices();

  /**
   * A matrix, float32 [rows, columns].
   *
   * @throws io.karipap.checkpoint.CheckpointException if its tensor is missing or damaged
   */
  Tensor matrix(MatrixSpec matrix);

  /** All vectors by name, float32; small beside the matrices. */
  Map<String, Tensor> vectors();

  /** Number of parameters. */
  default long parameters() {
    return matrices().stream().mapToLong(MatrixSpec::elements).sum()
        + architecture().vectors().stream().mapToLong(vector -> vector.size()).sum();
  }

  /** The matrices of one block, or those outside of all blocks (-1), and all vectors. */
  default Weights block(int block) {
    return of(matrices().stream().filter(matrix -> matrix.block() == block).toList());
  }

  /** The whole model. */
  default Weights all() {
    return of(matrices());
  }

  private Weights of(List<MatrixSpec> matrices) {
    Map<String, Factorization> dense = new LinkedHashMap<>();
    matrices.forEach(matrix -> dense.put(matrix.name(), new Dense(matrix(matrix))));
    return new Weights(dense, vectors());
  }
}
