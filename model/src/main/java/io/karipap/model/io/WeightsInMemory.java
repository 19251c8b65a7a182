package io.karipap.model.io;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model that is in memory as a whole; its tensors stay the owner's of the weights.
 *
 * @param weights in any form; networks are contracted when their matrix is asked for
 */
public record WeightsInMemory(Architecture architecture, Weights weights) implements WeightSource {

  @Override
  public List<MatrixSpec> matrices() {
    return Stream.concat(architecture.matrices().stream(), Stream.of(architecture.headGain()))
        .filter(matrix -> weights.matrices().containsKey(matrix.name()))
        .toList();
  }

  @Override
  public Tensor matrix(MatrixSpec matrix) {
    return weights.matrix(matrix.name()).matrix();
  }

  @Override
  public Map<String, Tensor> vectors() {
    return weights.vectors();
  }
}
