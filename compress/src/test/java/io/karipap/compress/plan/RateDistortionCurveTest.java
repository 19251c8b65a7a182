package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.CostUnit;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.cost.CountedCost;
import io.karipap.compress.flow.Paths;
import io.karipap.compress.flow.TruncationPath;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Space;
import io.karipap.network.Dense;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateDistortionCurveTest {

  private static final MatrixSpec SPEC =
      MatrixSpec.of(
          "w", Role.UP, 0, Space.residual(8, Space.Freedom.ROTATION), Space.neurons(0, 8));

  private static final double NATS = 0.7;

  @TempDir Path folder;

  private List<Candidate> curve(
      Tensor w, CostUnit unit, List<QuantizationScheme> schemes, TensorOwner owner) {
    TruncationPath path = Paths.ofPairs("w", w, NATS, folder, owner);
    return new RateDistortionCurve(new CountedCost(unit, 0, true), schemes).of(SPEC, path);
  }

  /** The loss of a rank by the theorem of Eckart and Young. */
  private static double tail(Tensor w, int rank) {
    double[] s = Linalg.svd(w).s().toDoubles();
    double lost = 0;
    double all = 0;
    for (int i = 0; i < s.length; i++) {
      all += s[i] * s[i];
      lost += i < rank ? 0 : s[i] * s[i];
    }
    return NATS * lost / all;
  }

  @Test
  void withoutFormatsItIsDenseAndTheRanksThatSaveNumbers() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Tensor w = Paths.decaying(1);
      List<Candidate> curve = curve(w, CostUnit.PARAMETERS, List.of(), owner);
      assertThat(curve).allMatch(candidate -> candidate.numbers().isEmpty());
      assertThat(curve.stream().map(Candidate::cost)).containsExactlyInAnyOrder(64L, 48L, 32L, 16L);
      for (Candidate candidate : curve) {
        double expected = candidate.cost() == 64 ? 0 : tail(w, (int) candidate.cost() / 16);
        assertThat(candidate.loss()).isCloseTo(expected, within(1e-9));
      }
    }
  }

  /** Where all inputs weigh the same, error feedback has nothing to feed back. */
  @Test
  void aCodedMatrixLosesWhatItsRoundingLoses() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Tensor w = Paths.decaying(2);
      for (String format : List.of("int8", "int4", "int3")) {
        QuantizationScheme scheme = QuantizationScheme.of(format, 8);
        List<Candidate> coded =
            curve(w, CostUnit.BYTES, List.of(scheme), owner).stream()
                .filter(c -> c.state().factorization() instanceof Dense && c.numbers().isPresent())
                .toList();
        Tensor nearest = RoundToNearest.quantize(w, scheme).values();
        double error = w.sub(nearest.to(w.dtype())).square().sum().item();
        assertThat(coded).hasSize(1);
        assertThat(coded.getFirst().loss())
            .isCloseTo(NATS * error / w.square().sum().item(), within(1e-7));
        // 64 codes and 8 scales of two bytes
        int bits = Integer.parseInt(format.substring(3));
        assertThat(coded.getFirst().cost()).isEqualTo(8 * bits + 16);
      }
    }
  }

  @Test
  void factorsOfAPairAreNotCodedInTwoBits() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      List<QuantizationScheme> schemes =
          List.of(QuantizationScheme.of("int2", 8), QuantizationScheme.of("int8", 8));
      List<Candidate> curve = curve(Paths.decaying(3), CostUnit.BYTES, schemes, owner);
      List<Candidate> pairs =
          curve.stream()
              .filter(c -> !(c.state().factorization() instanceof Dense))
              .filter(c -> c.numbers().isPresent())
              .toList();
      assertThat(pairs).isNotEmpty();
      assertThat(pairs).allMatch(c -> scheme(c.numbers().orElseThrow()).equals(schemes.getLast()));
      assertThat(curve)
          .anyMatch(c ->
              c.state().factorization() instanceof Dense
                  && c.numbers().filter(n -> scheme(n).equals(schemes.getFirst())).isPresent());
    }
  }

  private static QuantizationScheme scheme(QuantizationSpec spec) {
    return ((QuantizationSpec.Scalar) spec).scheme();
  }

  /** Two bits for the matrix, and a pair of rank 1 of eight bits for its large direction. */
  @Test
  void aCorrectionIsPaidForAndGains() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      List<QuantizationScheme> schemes =
          List.of(QuantizationScheme.of("int2", 8), QuantizationScheme.of("int8", 8));
      Tensor w = Paths.decaying(4);
      List<Candidate> corrected =
          curve(w, CostUnit.BYTES, schemes, owner).stream()
              .filter(c -> c.numbers().flatMap(n -> n.correction()).isPresent())
              .toList();
      assertThat(corrected).isNotEmpty();
      Candidate first = corrected.getFirst();
      // codes of three levels, five in a byte, and 8 scales; factors [8, 1] and [1, 8] of 8 bytes
      // with a scale for each row
      assertThat(first.cost()).isEqualTo(13 + 16 + (8 + 16) + (8 + 2));
      Tensor alone = RoundToNearest.quantize(w, schemes.getFirst()).values();
      double uncorrected = w.sub(alone.to(w.dtype())).square().sum().item();
      assertThat(first.loss()).isLessThan(0.5 * NATS * uncorrected / w.square().sum().item());
    }
  }
}
