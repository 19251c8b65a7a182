package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatticeSearchTest extends NetworkTest {

  @ParameterizedTest
  @CsvSource({
    "128, 128, 2, 2, 4352",
    "352, 128, 2, 2, 12000",
    "172, 64, 2, 2, 3000",
    "64, 43, 2, 2, 900",
    "11008, 4096, 2, 2, 12000000",
    "30522, 384, 2, 2, 3000000",
    "384, 384, 2, 3, 40000",
    "384, 384, 1, 2, 40000"
  })
  void usesTheBudgetUp(int m, int n, int gridRows, int gridColumns, long budget) {
    List<Lattice> candidates = LatticeSearch.candidates(m, n, gridRows, gridColumns, budget);

    assertThat(candidates).isNotEmpty().doesNotHaveDuplicates();
    assertThat(candidates).allMatch(lattice -> lattice.parameters() <= budget);
    assertThat(candidates.stream().limit(3))
        .allMatch(lattice -> lattice.parameters() >= 0.99 * budget)
        .allMatch(lattice -> lattice.matrixRows() == m && lattice.matrixColumns() == n)
        .allMatch(lattice -> lattice.paddedRows() <= 1.1 * m + 2);
  }

  @Test
  void keepsTheBondsOfARingEven() {
    for (Lattice lattice : LatticeSearch.candidates(128, 128, 2, 2, 4352).subList(0, 6)) {
      List<Integer> bonds = lattice.bondDimensions();
      int spread =
          bonds.stream().max(Comparator.naturalOrder()).orElseThrow()
              - bonds.stream().min(Comparator.naturalOrder()).orElseThrow();
      assertThat(spread).isLessThanOrEqualTo(2);
    }
  }

  @Test
  void givesNothingWhereNothingFits() {
    assertThat(LatticeSearch.candidates(128, 128, 2, 2, 10)).isEmpty();
    assertThatThrownBy(() ->
            BestLattice.fit(
                normal(1, 128, 128), Metric.identity(128), 2, 2, 10, FitOptions.standard()))
        .hasMessageContaining("allow more");
  }

  @Test
  void endsBelowOrAtTheFirstCandidateFittedForAsLong() {
    Tensor w = normal(3, 32, 24);
    Metric metric = Metric.of(covariance(activations(200, 24, 4)));
    FitOptions options = new FitOptions(150, 0, 1e-12, 0, 1);
    Lattice first = LatticeSearch.candidates(32, 24, 2, 2, 300).getFirst();

    Fitted best = BestLattice.fit(w, metric, 2, 2, 300, options);

    assertThat(best.squaredError())
        .isLessThan(1.02 * PepoFit.fit(w, metric, first, options).squaredError());
    assertThat(best.factorization().parameters()).isBetween(297L, 300L);
    assertThat(best.iterations()).isLessThanOrEqualTo(150);
  }
}
