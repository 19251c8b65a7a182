package io.karipap.model.gauge;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.io.WeightSource;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model in a gauge: a matrix is turned when it is asked for.
 *
 * @param source the model before
 * @param vectors in the gauge
 * @param gain of the final norm, where it becomes {@link Architecture#headGain}
 */
record GaugedWeights(
    WeightSource source, Gauge gauge, Map<String, Tensor> vectors, Optional<Tensor> gain)
    implements WeightSource {

  @Override
  public Architecture architecture() {
    return source.architecture();
  }

  @Override
  public List<MatrixSpec> matrices() {
    return Stream.concat(
            source.matrices().stream(), gain.stream().map(_ -> architecture().headGain()))
        .toList();
  }

  @Override
  public Tensor matrix(MatrixSpec matrix) {
    return matrix.role() == Role.HEAD_GAIN && gain.isPresent()
        ? gauge.headGain(architecture(), gain.get())
        : gauge.turned(matrix, source.matrix(matrix));
  }
}
