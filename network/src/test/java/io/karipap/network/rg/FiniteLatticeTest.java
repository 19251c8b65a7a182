package io.karipap.network.rg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiniteLatticeTest extends NetworkTest {

  private static final double Z16 = Math.log(8.459419593253) + 100 * Math.log(10);

  private static FiniteLattice ising(int rows, int columns, double beta) {
    Ising ising = Ising.isotropic(beta);
    return FiniteLattice.of(ising.site(), rows, columns, ising.freeEnds());
  }

  /** Three rows of two sites, all bonds different. */
  private static FiniteLattice irregular(long seed) {
    RandomTensors random = new RandomTensors(seed);
    return new FiniteLattice(
        List.of(
            List.of(random.normal(DType.F64, 1, 1, 3, 2), random.normal(DType.F64, 3, 1, 1, 4)),
            List.of(random.normal(DType.F64, 1, 2, 2, 5), random.normal(DType.F64, 2, 4, 1, 3)),
            List.of(random.normal(DType.F64, 1, 5, 4, 1), random.normal(DType.F64, 4, 3, 1, 1))));
  }

  private static double naive(FiniteLattice lattice) {
    List<Tensor> s =
        lattice.sites().stream()
            .flatMap(List::stream)
            .map(site -> {
              List<Long> shape = new ArrayList<>();
              for (long size : site.shape()) {
                if (size > 1) {
                  shape.add(size);
                }
              }
              return site.reshape(shape.stream().mapToLong(Long::longValue).toArray());
            })
            .toList();
    return Tensor.einsum("ab,ac,bde,dcf,eg,gf->", s.toArray(Tensor[]::new)).item();
  }

  @Test
  void contractsIrregularNetworks() {
    boolean negative = false;
    boolean positive = false;
    for (long seed = 1; seed <= 8; seed++) {
      FiniteLattice lattice = irregular(seed);
      double expected = naive(lattice);
      double tolerance = 1e-11 * Math.max(1, Math.abs(expected));
      negative |= expected < 0;
      positive |= expected > 0;

      assertThat(ExactContraction.of(lattice).value()).isCloseTo(expected, within(tolerance));
      assertThat(ExactContraction.of(lattice.transposed()).value())
          .isCloseTo(expected, within(tolerance));
      assertThat(BoundaryMps.oneSided(lattice, TruncationRule.none()).value())
          .isCloseTo(expected, within(tolerance));
      assertThat(BoundaryMps.twoSided(lattice, TruncationRule.none()).value())
          .isCloseTo(expected, within(tolerance));
      assertThat(BoundaryMps.twoSided(lattice.transposed(), TruncationRule.none()).value())
          .isCloseTo(expected, within(tolerance));
    }
    assertThat(negative && positive).isTrue();
  }

  @Test
  void contractsSingleRowsColumnsAndSites() {
    for (int[] size : new int[][] {{1, 5}, {5, 1}, {1, 1}}) {
      FiniteLattice chain = ising(size[0], size[1], 0.3);
      int bonds = size[0] * size[1] - 1;
      double expected = 2 * Math.pow(2 * Math.cosh(0.3), bonds);

      assertThat(ExactContraction.of(chain).value()).isCloseTo(expected, within(1e-10));
      assertThat(BoundaryMps.oneSided(chain, TruncationRule.toBond(2)).value())
          .isCloseTo(expected, within(1e-10));
      assertThat(BoundaryMps.twoSided(chain, TruncationRule.toBond(2)).value())
          .isCloseTo(expected, within(1e-10));
    }
  }

  @Test
  void exactPartitionFunction() {
    assertThat(ExactContraction.of(ising(16, 16, 0.44)).log()).isCloseTo(Z16, within(1e-12));
  }

  @Test
  void publishedErrorsOfTheBoundaryState() {
    FiniteLattice lattice = ising(16, 16, 0.44);
    TruncationRule truncation = TruncationRule.toBond(8);

    double one = BoundaryMps.oneSided(lattice, truncation).log() - Z16;
    double two = BoundaryMps.twoSided(lattice, truncation).log() - Z16;
    assertThat(Math.abs(one)).isLessThan(2 * 2.2e-7);
    assertThat(Math.abs(two)).isLessThan(2 * 3.9e-9);
  }

  @Test
  void discardedWeightBoundsTheError() {
    FiniteLattice lattice = ising(16, 16, 0.44);
    double loose = BoundaryMps.oneSided(lattice, TruncationRule.toWeight(1e-8)).log() - Z16;
    double tight = BoundaryMps.oneSided(lattice, TruncationRule.toWeight(1e-14)).log() - Z16;

    assertThat(Math.abs(loose)).isBetween(1e-8, 1e-3);
    assertThat(Math.abs(tight)).isLessThan(1e-6).isLessThan(Math.abs(loose));
  }

  @Test
  void zeroStaysZero() {
    Tensor zero = Tensor.zeros(DType.F64, 1, 1, 1, 1);
    FiniteLattice lattice = new FiniteLattice(List.of(List.of(zero), List.of(zero)));

    assertThat(ExactContraction.of(lattice).value()).isZero();
    assertThat(BoundaryMps.oneSided(lattice, TruncationRule.toBond(2)).value()).isZero();
    assertThat(BoundaryMps.twoSided(lattice, TruncationRule.toBond(2)).sign()).isZero();
  }

  @Test
  void refusesBondsThatDoNotFit() {
    Tensor left = Tensor.zeros(DType.F64, 1, 1, 2, 1);
    Tensor right = Tensor.zeros(DType.F64, 3, 1, 1, 1);

    assertThatThrownBy(() -> new FiniteLattice(List.of(List.of(left, right))))
        .hasMessageContaining("row 0, column 1")
        .hasMessageContaining("l = 2");
    assertThatThrownBy(() -> new FiniteLattice(List.of(List.of(left))))
        .hasMessageContaining("legs across the boundary");
    assertThatThrownBy(() -> new FiniteLattice(List.of())).hasMessageContaining("one site");
    assertThatThrownBy(() -> ExactContraction.of(ising(40, 40, 0.3)))
        .hasMessageContaining("boundary matrix product state");
  }
}
