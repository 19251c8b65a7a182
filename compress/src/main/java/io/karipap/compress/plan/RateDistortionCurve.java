package io.karipap.compress.plan;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.cost.CostModel;
import io.karipap.compress.fit.LowRankPairs;
import io.karipap.compress.flow.PathPoint;
import io.karipap.compress.flow.SensitiveMatrix;
import io.karipap.compress.flow.TruncationPath;
import io.karipap.compress.quantize.MatrixQuantizer;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rate-distortion curve of a matrix: dense, low rank, and the networks that its flow came by,
 * each in float32 and in few bits. Errors of coded numbers are those of an actual rounding.
 *
 * @param price of the costs
 * @param schemes to code numbers in; none if that does not change a cost
 */
public record RateDistortionCurve(CostModel price, List<QuantizationScheme> schemes) {

  /** Ranks tried: parts of the largest that saves numbers. */
  private static final int RANKS = 12;

  /** Each of them against the next. */
  private static final double RATIO = 0.78;

  /**
   * Factors of a product are not coded in fewer bits a number: the error of one is multiplied by
   * the other.
   */
  private static final double NETWORK_BITS = 3;

  /** Ranks of corrections that are tried: the full one divided by so much. */
  private static final List<Integer> RANK_PARTS = List.of(32, 16, 8, 64);

  /** Bits a number of what is corrected, at most. */
  private static final double BASE_BITS = 4;

  /** Bits of a correction's numbers, at least. */
  private static final double PAIR_BITS = 6;

  /** Copies the list. */
  public RateDistortionCurve {
    schemes = List.copyOf(schemes);
  }

  /**
   * Candidates of a matrix. A state is not rounded to what it cannot pay in: if it loses more than
   * the curve so far at the same cost before its numbers are rounded, it will not lose less after.
   */
  public List<Candidate> of(MatrixSpec name, TruncationPath track) {
    List<PathPoint> states = states(track);
    List<Candidate> candidates = new ArrayList<>();
    states.forEach(state -> candidates.add(plain(name, state)));
    SensitiveMatrix matrix = track.matrix();
    for (PathPoint state : states) { // the dense one first: what has been cut is held against it
      boolean dense = state.factorization() instanceof Dense;
      for (QuantizationScheme scheme : schemes) {
        if ((dense || scheme.format().bitsPerNumber() >= NETWORK_BITS)
            && state.loss() < lossAt(candidates, cost(name, state, scheme))) {
          candidates.add(coded(name, matrix, state, QuantizationSpec.of(scheme)));
        }
      }
      if (dense) {
        addCorrected(name, matrix, state, candidates);
      }
    }
    return candidates;
  }

  /** What the lower hull of some candidates loses at a cost. */
  private static double lossAt(List<Candidate> candidates, long cost) {
    List<Candidate> hull = BudgetKnapsack.hull(candidates);
    if (cost < hull.getFirst().cost()) {
      return Double.POSITIVE_INFINITY;
    }
    for (int i = 1; i < hull.size(); i++) {
      Candidate below = hull.get(i - 1);
      if (cost < hull.get(i).cost()) {
        return below.loss() - below.gainTo(hull.get(i)) * (cost - below.cost());
      }
    }
    return hull.getLast().loss();
  }

  /** What a state costs when its numbers are coded, whatever the codes are. */
  private long cost(MatrixSpec name, PathPoint state, QuantizationScheme scheme) {
    try (var _ = new TensorScope()) {
      Factorization f = state.factorization();
      return price.of(
          name, Quantized.of(f, f.cores().stream().map(core -> blank(core, scheme)).toList()));
    }
  }

  /** A tensor of a core's shape whose codes are all the first. */
  private static QuantizedTensor blank(Tensor core, QuantizationScheme scheme) {
    GroupLayout groups = GroupLayout.of(scheme.group(), core.shape());
    Tensor scales = Tensor.zeros(DType.F32, groups.rows(), groups.perRow());
    return new QuantizedTensor(
        scheme.format(),
        groups,
        scheme.scaleType(),
        MemorySegment.ofArray(new byte[groups.elements()]),
        MemorySegment.ofArray(new byte[scheme.format().hasZeros() ? groups.count() : 0]),
        scales,
        scheme.format().hasShifts() ? Optional.of(scales) : Optional.empty());
  }

  private static List<PathPoint> states(TruncationPath track) {
    List<PathPoint> states = new ArrayList<>();
    track.points().stream()
        .filter(state -> !(state.factorization() instanceof LowRank))
        .forEach(states::add);
    LowRankPairs pairs = track.matrix().lowRank();
    Set<Integer> ranks = new LinkedHashSet<>();
    double rank = Math.min(pairs.ranks(), (double) track.matrix().elements() / pairs.parameters(1));
    for (int i = 0; i < RANKS && rank >= 1; i++) {
      rank *= RATIO;
      ranks.add((int) Math.max(1, rank));
    }
    ranks.forEach(r -> states.add(track.rank(r)));
    return states;
  }

  private Candidate plain(MatrixSpec name, PathPoint state) {
    long cost = price.of(name, state.factorization());
    return new Candidate(state, Optional.empty(), cost, state.loss());
  }

  private Candidate coded(
      MatrixSpec name, SensitiveMatrix matrix, PathPoint state, QuantizationSpec coding) {
    try (var _ = new TensorScope()) {
      Factorization coded = rounded(matrix, state.factorization(), coding);
      double loss = matrix.loss(matrix.matrix().squaredError(coded.matrix()));
      return new Candidate(state, Optional.of(coding), price.of(name, coded), loss);
    }
  }

  /**
   * A dense matrix in few levels beside a pair of small rank in many. Where a pair of the first
   * rank gains nothing on the curve so far, the weights have no large directions: others will not.
   */
  private void addCorrected(
      MatrixSpec name, SensitiveMatrix matrix, PathPoint dense, List<Candidate> candidates) {
    Optional<QuantizationScheme> fine =
        schemes.stream()
            .filter(scheme -> scheme.format().bitsPerNumber() >= PAIR_BITS)
            .min(Comparator.comparingDouble(scheme -> scheme.format().bitsPerNumber()));
    List<QuantizationScheme> coarse =
        schemes.stream()
            .filter(scheme -> fine.isPresent() && scheme.format().bitsPerNumber() <= BASE_BITS)
            .filter(scheme -> schemes.stream().allMatch(s -> s.group() <= scheme.group()))
            .toList();
    for (QuantizationScheme scheme : coarse) {
      boolean gained = true;
      for (int part : RANK_PARTS) {
        int rank = Math.ceilDiv(matrix.lowRank().ranks(), part);
        if (gained) {
          Candidate made =
              coded(
                  name,
                  matrix,
                  dense,
                  new QuantizationSpec.Scalar(
                      scheme, fine.map(pair -> new QuantizationSpec.Correction(rank, pair))));
          gained = made.loss() < lossAt(candidates, made.cost());
          candidates.add(made);
        }
      }
    }
  }

  /**
   * The matrix of a state with its numbers coded. Networks of many sites are rounded to nearest
   * here, which takes a thousandth of the time that error feedback takes, and loses more.
   */
  public static Factorization rounded(
      SensitiveMatrix matrix, Factorization f, QuantizationSpec coding) {
    return switch (f) {
      case Pepo _ when coding instanceof QuantizationSpec.Scalar(var scheme, _) ->
          RoundToNearest.quantize(f, scheme);
      case Dense _,
          LowRank _,
          BlockTensorTrain _,
          Pepo _,
          UnitCell _,
          Quantized _,
          Sum _,
          Sparse _ ->
          MatrixQuantizer.round(f, matrix.matrix(), matrix::lowRank, coding);
    };
  }
}
