package io.karipap.network.lattice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeCut;
import io.karipap.network.Metric;
import io.karipap.network.fit.LowRankFit;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperatorSchmidtTest {

  private static Lattice lattice(
      int rows, int columns, List<Integer> outputs, List<Integer> inputs, int m, int n) {
    return new Lattice(
        rows,
        columns,
        outputs,
        inputs,
        Collections.nCopies(rows * (columns - 1), 1),
        Collections.nCopies((rows - 1) * columns, 1),
        m,
        n);
  }

  private static Tensor random(int seed, long... shape) {
    return new RandomTensors(seed).normal(DType.F64, shape);
  }

  private static Tensor kronecker(Tensor a, Tensor b) {
    return Tensor.einsum("ai,bj->abij", a, b)
        .reshape((long) a.size(0) * b.size(0), (long) a.size(1) * b.size(1));
  }

  private static double[] filled(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void aProductOperatorHasNoEntanglementAcrossAnyCut() {
    try (var _ = new TensorScope()) {
      Tensor w =
          kronecker(
              kronecker(random(1, 2, 3), random(2, 3, 2)),
              kronecker(random(3, 4, 2), random(4, 2, 5)));
      Lattice ring = lattice(2, 2, List.of(2, 3, 4, 2), List.of(3, 2, 2, 5), 48, 60);
      List<LatticeCut> cuts = LatticeCut.of(ring);
      assertThat(cuts).hasSize(7);
      for (LatticeCut cut : cuts) {
        OperatorSchmidt schmidt = OperatorSchmidt.of(w, ring, cut);
        assertThat(schmidt.entropy()).as(cut.name()).isCloseTo(0, within(1e-12));
        assertThat(schmidt.effectiveRank()).isCloseTo(1, within(1e-12));
        assertThat(schmidt.rank(1e-12)).isEqualTo(1);
      }
    }
  }

  /** SWAP = 1/d sum over an orthogonal basis of U (x) U^*: d^2 equal coefficients. */
  @Test
  void theSwapOfTwoSitesIsMaximallyEntangled() {
    int d = 3;
    double[] swap = new double[d * d * d * d];
    for (int a = 0; a < d; a++) {
      for (int b = 0; b < d; b++) {
        swap[(a * d + b) * d * d + b * d + a] = 1;
      }
    }
    try (var _ = new TensorScope()) {
      Lattice pair = lattice(1, 2, List.of(d, d), List.of(d, d), d * d, d * d);
      Tensor w = Tensor.of(swap, 9, 9);
      OperatorSchmidt schmidt = OperatorSchmidt.of(w, pair, LatticeCut.of(pair).getFirst());
      assertThat(schmidt.values()).hasSize(d * d).containsExactly(filled(d * d), within(1e-12));
      assertThat(schmidt.entropy()).isCloseTo(Math.log(d * d), within(1e-12));
      assertThat(schmidt.renyi2()).isCloseTo(Math.log(d * d), within(1e-12));
      assertThat(schmidt.effectiveRank()).isCloseTo(d * d, within(1e-10));
    }
  }

  /** SWAP between sites 0 and 3 of a ring: entangled by every cut that parts them, by no other. */
  @Test
  void everyCutSeesTheSitesThatItParts() {
    try (var _ = new TensorScope()) {
      Tensor one = Tensor.eye(DType.F64, 2);
      Tensor w = Tensor.einsum("ah,bf,cg,de->abcdefgh", one, one, one, one).reshape(16, 16);
      Lattice ring = lattice(2, 2, List.of(2, 2, 2, 2), List.of(2, 2, 2, 2), 16, 16);
      for (LatticeCut cut : LatticeCut.of(ring)) {
        boolean parted = cut.part().contains(0) != cut.part().contains(3);
        assertThat(OperatorSchmidt.of(w, ring, cut).entropy())
            .as(cut.name())
            .isCloseTo(parted ? Math.log(4) : 0, within(1e-12));
      }
    }
  }

  /** Page's mean entropy of a random state of dimensions m <= n, with 1/2 for real numbers. */
  @Test
  void aRandomMatrixHasTheEntropyOfTheMarchenkoPasturLaw() {
    int m = 150;
    int n = 450;
    // p = x / m with x distributed by Marchenko and Pastur of ratio c: S = ln m - E[x ln x]
    double c = (double) m / n;
    double low = Math.pow(1 - Math.sqrt(c), 2);
    double high = Math.pow(1 + Math.sqrt(c), 2);
    int steps = 200_000;
    double mean = 0;
    double square = 0;
    for (int i = 0; i < steps; i++) {
      double x = low + (high - low) * (i + 0.5) / steps;
      double density = Math.sqrt((high - x) * (x - low)) / (2 * Math.PI * c * x);
      mean += density * x * Math.log(x) * (high - low) / steps;
      square += density * x * x * (high - low) / steps;
    }
    // the closed form of the same integral is Page's c / 2
    assertThat(mean).isCloseTo(c / 2, within(1e-6));
    try (var _ = new TensorScope()) {
      OperatorSchmidt schmidt = OperatorSchmidt.ofRowsAndColumns(random(5, m, n));
      assertThat(schmidt.dimension()).isEqualTo(m);
      assertThat(schmidt.randomEntropy()).isCloseTo(Math.log(m) - mean, within(1e-6));
      assertThat(schmidt.entropy()).isCloseTo(Math.log(m) - c / 2, within(5e-3));
      assertThat(schmidt.renyi2()).isCloseTo(Math.log(m) - Math.log(square), within(1e-2));
    }
  }

  @Test
  void theSquaresAddUpToTheFrobeniusNormAlsoWithPadding() {
    try (var _ = new TensorScope()) {
      Tensor w = random(6, 47, 58);
      Lattice grid = lattice(2, 3, List.of(2, 2, 2, 3, 2, 1), List.of(2, 1, 3, 2, 5, 1), 47, 58);
      double norm = w.square().sum().item();
      assertThat(LatticeCut.of(grid))
          .extracting(LatticeCut::name)
          .containsExactly("columns 1|2", "columns 2|3", "rows 1|2");
      for (LatticeCut cut : LatticeCut.of(grid)) {
        double[] s = OperatorSchmidt.of(w, grid, cut).values();
        assertThat(Arrays.stream(s).map(x -> x * x).sum()).isCloseTo(norm, within(1e-9 * norm));
      }
    }
  }

  /** Van Loan and Pitsianis 1993: the nearest sum of D Kronecker products, element by element. */
  @Test
  void theTailOfTwoSitesIsTheErrorOfTheBestSumOfKroneckerProducts() {
    int o = 3;
    int p = 4;
    int i = 2;
    int j = 5;
    try (var _ = new TensorScope()) {
      Tensor w = random(7, 12, 10);
      double[] x = w.toDoubles();
      double[] rearranged = new double[x.length];
      for (int a = 0; a < o * p; a++) {
        for (int b = 0; b < i * j; b++) {
          rearranged[((a / p) * i + b / j) * p * j + (a % p) * j + b % j] = x[a * i * j + b];
        }
      }
      Tensor r = Tensor.of(rearranged, 6, 20);
      Lattice pair = lattice(1, 2, List.of(o, p), List.of(i, j), o * p, i * j);
      OperatorSchmidt schmidt = OperatorSchmidt.of(w, pair, LatticeCut.of(pair).getFirst());
      for (int bond = 1; bond < o * i; bond++) {
        // the sum of products, put together and compared as a matrix
        Tensor sum = LowRankFit.fit(r, Metric.identity(p * j), bond).factorization().matrix();
        Tensor v = sum.reshape(o, i, p, j).permute(0, 2, 1, 3).reshape((long) o * p, (long) i * j);
        double error = w.sub(v).square().sum().item() / w.square().sum().item();
        assertThat(schmidt.tail(bond)).isCloseTo(error, within(1e-12));
        assertThat(schmidt.rank(error * (1 + 1e-9))).isEqualTo(bond);
      }
    }
  }

  @Test
  void rowsAndColumnsAreTheSingularValues() {
    try (var _ = new TensorScope()) {
      OperatorSchmidt schmidt =
          OperatorSchmidt.ofRowsAndColumns(Tensor.of(new double[] {0, 4, 3, 0, 0, 0}, 3, 2));
      assertThat(schmidt.values()).containsExactly(new double[] {4, 3}, within(1e-12));
      double p = 16.0 / 25;
      double entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
      assertThat(schmidt.entropy()).isCloseTo(entropy, within(1e-12));
      assertThat(schmidt.renyi2()).isCloseTo(-Math.log(p * p + (1 - p) * (1 - p)), within(1e-12));
      assertThat(schmidt.tail(1)).isCloseTo(9.0 / 25, within(1e-12));
      assertThat(schmidt.rank(0.1)).isEqualTo(2);
      assertThat(schmidt.rank(0.4)).isEqualTo(1);
    }
  }

  @Test
  void matricesWithoutASpectrumAreRefused() {
    try (var _ = new TensorScope()) {
      Lattice pair = lattice(1, 2, List.of(2, 2), List.of(2, 2), 4, 4);
      LatticeCut cut = LatticeCut.of(pair).getFirst();
      assertThatThrownBy(() -> OperatorSchmidt.of(Tensor.zeros(DType.F64, 4, 4), pair, cut))
          .hasMessageContaining("zero");
      assertThatThrownBy(() -> OperatorSchmidt.of(random(8, 4, 5), pair, cut))
          .hasMessageContaining("4 x 5");
      assertThatThrownBy(
              () -> OperatorSchmidt.ofRowsAndColumns(Tensor.full(Double.NaN, DType.F64, 2, 2)))
          .hasMessageContaining("finite");
    }
  }
}
