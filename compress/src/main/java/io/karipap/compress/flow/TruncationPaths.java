package io.karipap.compress.flow;

import io.karipap.compress.Progress;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.calibrate.ReferenceModel;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.compress.quantize.MatrixQuantizer;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Dense;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Workers;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Prepares the paths of all matrices of a model: their metrics in nats, what the model feels of
 * each, and whether networks pay.
 *
 * <p>Memory: for matrices [m, n] with k = min(m, n), the sum of 8 m n + 4 k (m + n) + 24 m^2 bytes,
 * and 24 n^2 for every distinct input, besides 8 (12 m n + 4 D^4) in each worker for the largest
 * matrix and bond D of a ring; and 4 bytes for each parameter of the networks passed through.
 *
 * @param options of the first ring's fit
 * @param store keeps the rings for an interrupted run
 */
public record TruncationPaths(
    ReferenceModel model,
    WeightedMatrices matrices,
    FitOptions options,
    FitCheckpoint store,
    Progress progress) {

  /** Size of the first ring of a matrix, against its share of the target. */
  private static final double FIRST_RING_OVERSIZE = 1.6;

  /** The largest part of a matrix that a ring may have. */
  private static final double LARGEST_RING = 0.9;

  /** A ring's squared error is hardly ever below this part of that of low rank in its size. */
  private static final double BEST_RING_RATIO = 0.5;

  /**
   * What paths are for.
   *
   * @param share of the model's parameters that is aimed at
   * @param networks whether tensor networks can be worth it
   * @param schemes that numbers may be quantized in; none if that saves nothing
   */
  public record Target(double share, boolean networks, List<QuantizationScheme> schemes) {

    /** Copies the list. */
    public Target {
      schemes = List.copyOf(schemes);
    }
  }

  /**
   * The paths, in the order of the model.
   *
   * @param owner holds the factorizations that they pass through
   */
  public List<TruncationPath> prepare(
      Target target, SingleMatrixKl probe, TensorOwner owner, Workers workers) {
    List<WeightedMatrix> weighted = matrices.holdInNats(workers, progress);
    progress.stage("sensitivities", weighted.size());
    ProgressCounter done = new ProgressCounter(progress);
    MeasuredCorrection correction = MeasuredCorrection.first(probe);
    return workers.run(
        weighted.stream()
            .<Callable<TruncationPath>>map(matrix ->
                () -> {
                  SensitiveMatrix estimated = SensitiveMatrix.of(matrix).heldBy(owner);
                  TruncationPath path =
                      path(
                          estimated
                              .scaled(sensitivity(estimated, target.share(), correction))
                              .withNetworks(networksPay(estimated, target)),
                          target,
                          owner);
                  done.add(matrix.name());
                  return path;
                })
            .toList());
  }

  private TruncationPath path(SensitiveMatrix matrix, Target target, TensorOwner owner) {
    double first = target.networks() ? FIRST_RING_OVERSIZE * target.share() : 0;
    long largest = (long) (Math.min(LARGEST_RING, first) * matrix.elements());
    return new TruncationPath(
        matrix,
        new Dense(owner.own(matrices.original(matrix.name()))),
        new LowRankSequence(matrix, owner),
        new RingSequence(matrix, largest, options, store, owner));
  }

  /** The measured loss of the matrix cut to its share of the target, against its estimate. */
  private static double sensitivity(
      SensitiveMatrix matrix, double share, MeasuredCorrection correction) {
    long part = (long) (share * matrix.elements() / matrix.lowRank().parameters(1));
    int rank = Math.clamp(part, 1, matrix.lowRank().ranks());
    return correction.factor(
        matrix.name(),
        matrix.lowRank().at(rank),
        matrix.loss(matrix.lowRank().squaredErrors().get(rank)));
  }

  /**
   * False where a dense matrix in few bits loses less than the best ring of its size in bytes can:
   * fitting rings takes most of the time.
   */
  private static boolean networksPay(SensitiveMatrix matrix, Target target) {
    double oversize = Math.min(LARGEST_RING, FIRST_RING_OVERSIZE * target.share());
    for (double share : List.of(target.share(), oversize)) {
      int rank = matrix.rankWithin((long) (share * matrix.elements()));
      double ring = BEST_RING_RATIO * matrix.lowRank().squaredErrors().get(rank);
      double dense =
          target.schemes().stream()
              .filter(scheme -> scheme.format().bitsPerNumber() <= 8 * share)
              .max(Comparator.comparingDouble(scheme -> scheme.format().bitsPerNumber()))
              .map(scheme -> quantizedError(matrix.matrix(), scheme))
              .orElse(Double.POSITIVE_INFINITY);
      if (ring < dense) {
        return true;
      }
    }
    return false;
  }

  /** Squared error of the dense matrix with its numbers quantized. */
  private static double quantizedError(WeightedMatrix matrix, QuantizationScheme scheme) {
    try (var _ = new TensorScope()) {
      return matrix.squaredError(
          MatrixQuantizer.round(new Dense(matrix.w()), matrix, QuantizationSpec.of(scheme))
              .matrix());
    }
  }
}
