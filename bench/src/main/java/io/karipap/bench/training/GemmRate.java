package io.karipap.bench.training;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.tensor.DType;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;

/** The rate at which this machine multiplies matrices of a model's shapes. */
final class GemmRate {

  private GemmRate() {}

  /**
   * Operations per second of all forward products of one micro-batch of the original, one after the
   * other, the same one on every processor at a time.
   *
   * @param tokens rows of the activations
   */
  static double of(Architecture architecture, int tokens, DType type) {
    List<MatrixSpec> matrices = architecture.matrices();
    double operations = 0;
    double seconds = 0;
    try (var workers = new Workers(Threads.available())) {
      for (MatrixSpec matrix : matrices) {
        if (matrix.block() <= 0
            && (architecture.config().tiedEmbeddings() || matrix.role() != Role.EMBED)) {
          Gemm gemm = new Gemm(tokens, matrix.columns(), matrix.rows());
          int times = matrix.inBlock() ? architecture.config().layers() : 1;
          operations += times * gemm.operations();
          seconds += times * seconds(gemm, type, workers);
        }
      }
    }
    return operations / seconds;
  }

  /** Time of a product when all processors compute one, over their number. */
  private static double seconds(Gemm gemm, DType type, Workers workers) {
    Callable<Double> product = () -> gemm.seconds(type);
    List<Double> seconds = workers.run(Collections.nCopies(workers.count(), product));
    return Collections.max(seconds) / workers.count();
  }
}
