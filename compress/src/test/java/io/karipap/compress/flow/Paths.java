package io.karipap.compress.flow;

import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.network.Dense;
import io.karipap.network.Metric;
import io.karipap.network.fit.FitOptions;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import java.nio.file.Path;

/** Paths of small matrices. */
public final class Paths {

  private Paths() {}

  /** An 8 x 8 matrix with singular values that halve from one to the next. */
  public static Tensor decaying(int seed) {
    RandomTensors random = new RandomTensors(seed);
    Tensor w = Tensor.zeros(DType.F64, 8, 8);
    for (int i = 0; i < 8; i++) {
      Tensor pair = random.normal(DType.F64, 8, 1).matmul(random.normal(DType.F64, 1, 8));
      w = w.add(pair.mul(Math.pow(0.5, i)));
    }
    return w;
  }

  /** A path of pairs alone. */
  public static TruncationPath ofPairs(
      String name, Tensor w, double nats, Path folder, TensorOwner owner) {
    SensitiveMatrix matrix =
        SensitiveMatrix.of(WeightedMatrix.of(name, w, Metric.identity(w.size(1))))
            .withNetworks(false);
    return path(
        new SensitiveMatrix(matrix.matrix(), matrix.lowRank(), nats, false), 0, folder, owner);
  }

  /** A path of pairs and of rings that begin with a number of parameters. */
  static TruncationPath withRings(
      String name, Tensor w, long largest, Path folder, TensorOwner owner) {
    return path(
        SensitiveMatrix.of(WeightedMatrix.of(name, w, Metric.identity(w.size(1)))),
        largest,
        folder,
        owner);
  }

  static RingSequence rings(SensitiveMatrix matrix, long largest, Path folder, TensorOwner owner) {
    return new RingSequence(
        matrix,
        largest,
        FitOptions.standard().withIterations(40),
        new FitCheckpoint(folder),
        owner);
  }

  private static TruncationPath path(
      SensitiveMatrix matrix, long largest, Path folder, TensorOwner owner) {
    return new TruncationPath(
        matrix,
        new Dense(matrix.matrix().w().to(DType.F32)),
        new LowRankSequence(matrix, owner),
        rings(matrix, largest, folder, owner));
  }
}
