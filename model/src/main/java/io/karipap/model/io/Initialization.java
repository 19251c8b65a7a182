package io.karipap.model.io;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Parameters of an untrained model. */
public final class Initialization {

  private static final double DEVIATION = 0.02;

  private Initialization() {}

  /**
   * Normal variates of deviation 0.02; the matrices that write into the residual stream are divided
   * by sqrt(2 layers) (Radford et al. 2019, section 2.3). Gains are 1, biases 0, tables normal
   * variates as well.
   */
  public static Weights random(Architecture architecture, long seed) {
    RandomTensors random = new RandomTensors(seed);
    double residual = DEVIATION / Math.sqrt(2.0 * architecture.config().layers());
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (MatrixSpec matrix : architecture.matrices()) {
      double deviation = matrix.writesResidual() ? residual : DEVIATION;
      Tensor values = random.normal(DType.F32, matrix.rows(), matrix.columns()).mul(deviation);
      matrices.put(matrix.name(), new Dense(values));
    }
    for (VectorSpec vector : architecture.vectors()) {
      vectors.put(
          vector.name(),
          switch (vector.kind()) {
            case GAIN -> Tensor.full(1, DType.F32, vector.dimensions());
            case BIAS -> Tensor.full(0, DType.F32, vector.dimensions());
            case TABLE -> random.normal(DType.F32, vector.dimensions()).mul(DEVIATION);
          });
    }
    return new Weights(matrices, vectors);
  }
}
