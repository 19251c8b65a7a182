package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.compress.Budget;
import io.karipap.compress.CostUnit;
import io.karipap.compress.Plan;
import io.karipap.compress.QuantizationSpec;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Factorization;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rate-distortion allocator on models so small that all allocations can be tried. */
class RateDistortionSearchTest {

  private static final int WIDTH = 8;
  private static final int NEURONS = 12;

  @TempDir Path folder;

  /** Multiplications for a token: a row of the embeddings is looked up. */
  private static int cost(MatrixSpec matrix, int rank) {
    int dense = matrix.role() == Role.EMBED ? 0 : (int) matrix.elements();
    return rank == 0 ? dense : rank * (matrix.rows() + matrix.columns());
  }

  /**
   * What the model diverges by when one matrix alone is a pair of a rank, for all ranks that save
   * multiplications; at 0 that of the dense matrix.
   */
  private static Map<String, double[]> losses(TinyPlanning tiny) {
    Map<String, double[]> losses = new HashMap<>();
    try (var owner = new TensorOwner()) {
      SingleMatrixKl probe = tiny.model().probe(owner);
      for (MatrixSpec matrix : tiny.model().architecture().matrices()) {
        var pairs = tiny.matrices().decisive(matrix.name()).lowRank();
        double[] own = new double[Math.max(1, Math.ceilDiv(cost(matrix, 0), cost(matrix, 1)))];
        for (int rank = 1; rank < own.length; rank++) {
          own[rank] = probe.divergence(matrix.name(), pairs.at(rank));
        }
        losses.put(matrix.name(), own);
      }
    }
    return losses;
  }

  /** The least sum of losses of all allocations of every cost. */
  private static double[] leastLosses(TinyPlanning tiny, Map<String, double[]> losses) {
    double[] least = {0};
    for (MatrixSpec matrix : tiny.model().architecture().matrices()) {
      double[] own = Objects.requireNonNull(losses.get(matrix.name()));
      double[] next = new double[least.length + cost(matrix, 0)];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      for (int spent = 0; spent < least.length; spent++) {
        for (int rank = 0; rank < own.length; rank++) {
          int cost = spent + cost(matrix, rank);
          next[cost] = Math.min(next[cost], least[spent] + own[rank]);
        }
      }
      least = next;
    }
    return least;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.45, 0.6, 0.8})
  void losesLittleMoreThanTheBestOfAllAllocations(double share) {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var tiny = TinyPlanning.of(WIDTH, NEURONS, false)) {
      Map<String, double[]> losses = losses(tiny);
      double[] least = leastLosses(tiny, losses);
      int budget = (int) Math.floor(share * (least.length - 1));
      Allocation allocation =
          new RateDistortionAllocator(
                  tiny.paths(folder), Budget.share(CostUnit.OPERATIONS, share), List.of(), owner)
              .allocate();
      int cost = 0;
      double loss = 0;
      for (Plan.Entry entry : allocation.plan().matrices()) {
        MatrixSpec matrix = tiny.model().architecture().matrix(entry.name());
        int rank = entry.form().equals("dense") ? 0 : (int) entry.budget() / cost(matrix, 1);
        cost += cost(matrix, rank);
        loss += Objects.requireNonNull(losses.get(entry.name()))[rank];
      }
      double best = Arrays.stream(least, 0, budget + 1).min().orElseThrow();
      assertThat(cost).isLessThanOrEqualTo(budget);
      assertThat(loss).isGreaterThanOrEqualTo(best).isLessThan(1.15 * best);
    }
  }

  /** Bytes are counted from the shapes of all cores, and the groups that share a scale of two. */
  @ParameterizedTest
  @CsvSource({"0.2, true", "0.35, true", "0.2, false", "0.5, false"})
  void thePlanStaysWithinItsBytesAndSpendsMostOfThem(double share, boolean tied) {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var tiny = TinyPlanning.of(WIDTH, NEURONS, tied)) {
      List<QuantizationScheme> schemes =
          List.of(
              QuantizationScheme.of("int2", 16),
              QuantizationScheme.of("int4", 16),
              QuantizationScheme.of("int8", 16));
      Allocation allocation =
          new RateDistortionAllocator(
                  tiny.paths(folder), Budget.share(CostUnit.BYTES, share), schemes, owner)
              .allocate();
      long whole = 4 * tiny.model().weights().parameters();
      long bytes = 4L * 3 * WIDTH;
      for (Plan.Entry entry : allocation.plan().matrices()) {
        MatrixSpec matrix = tiny.model().architecture().matrix(entry.name());
        Factorization start = allocation.starts().get(entry.name());
        List<long[]> cores =
            start == null
                ? List.of(new long[] {matrix.rows(), matrix.columns()})
                : start.cores().stream().map(Tensor::shape).toList();
        for (long[] core : cores) {
          bytes +=
              entry
                  .coding()
                  .map(spec -> bytes(core, ((QuantizationSpec.Scalar) spec).scheme()))
                  .orElse(4 * size(core));
        }
        QuantizationSpec.Correction[] pair =
            entry.coding().flatMap(QuantizationSpec::correction).stream()
                .toArray(QuantizationSpec.Correction[]::new);
        for (QuantizationSpec.Correction c : pair) {
          bytes += bytes(new long[] {matrix.rows(), c.rank()}, c.scheme());
          bytes += bytes(new long[] {c.rank(), matrix.columns()}, c.scheme());
        }
      }
      assertThat((double) bytes / whole).isLessThanOrEqualTo(share).isGreaterThan(0.9 * share);
    }
  }

  private static long size(long[] core) {
    return Arrays.stream(core).reduce(1, Math::multiplyExact);
  }

  /** Codes, packed to bytes, and a scale of two bytes for every sixteen numbers of a row begun. */
  private static long bytes(long[] core, QuantizationScheme scheme) {
    long groups = core[0] * Math.ceilDiv(size(core) / core[0], 16);
    int bits = Integer.parseInt(scheme.format().label().substring(3));
    // int2 has three levels, of which five codes fill a byte
    long codes = bits == 2 ? Math.ceilDiv(size(core), 5) : Math.ceilDiv(size(core) * bits, 8);
    return codes + 2 * groups;
  }
}
