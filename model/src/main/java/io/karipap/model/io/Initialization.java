package io.karipap.model.io;

import io.karipap.checkpoint.config.ModelConfig;
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
   * by sqrt(2 layers) (Radford et al. 2019, section 2.3). Gains are 1, biases 0.
   */
  public static Weights random(ModelConfig config, long seed) {
    RandomTensors random = new RandomTensors(seed);
    double residual = DEVIATION / Math.sqrt(2.0 * config.layers());
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (MatrixSpec matrix : MatrixSpec.all(config)) {
      double deviation = matrix.writesResidual() ? residual : DEVIATION;
      Tensor values = random.normal(DType.F32, matrix.rows(), matrix.columns()).mul(deviation);
      matrices.put(matrix.name(), new Dense(values));
    }
    VectorSpec.all(config)
        .forEach(vector ->
            vectors.put(
                vector.name(), Tensor.full(vector.isGain() ? 1 : 0, DType.F32, vector.size())));
    return new Weights(matrices, vectors);
  }
}
