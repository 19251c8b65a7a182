package io.karipap.network.rg.lattice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.network.rg.ExactContraction;
import io.karipap.network.rg.FiniteLattice;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatticeModelTest extends NetworkTest {

  @ParameterizedTest
  @CsvSource({
    "0.4406867935097715, 0.9296953983416101",
    "0.4, 0.8793638207749482",
    "0.5, 1.0257928126949176"
  })
  void onsagersIntegral(double beta, double published) {
    double exact = Ising.isotropic(beta).exactLogZPerSite().orElseThrow();

    assertThat(exact).isCloseTo(published, within(4e-16 * 4));
  }

  /** The double integral over both momenta by the midpoint rule, which is exact off criticality. */
  @Test
  void onsagersDoubleIntegralOfTheAnisotropicModel() {
    double a = 0.7;
    double b = 0.2;
    int n = 400;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double x = Math.PI * (i + 0.5) / n;
        double y = Math.PI * (j + 0.5) / n;
        sum +=
            Math.log(
                Math.cosh(2 * a) * Math.cosh(2 * b)
                    - Math.sinh(2 * a) * Math.cos(x)
                    - Math.sinh(2 * b) * Math.cos(y));
      }
    }
    double expected = Math.log(2) + sum / (2.0 * n * n);

    assertThat(new Ising(a, b).exactLogZPerSite().orElseThrow()).isCloseTo(expected, within(1e-13));
    assertThat(new Ising(b, a).exactLogZPerSite().orElseThrow()).isCloseTo(expected, within(1e-13));
  }

  /** Two states are an Ising model with half the coupling and a shifted energy. */
  @Test
  void baxtersIntegralOfTwoStates() {
    double beta = Math.log1p(Math.sqrt(2));

    assertThat(Potts.critical(2).exactLogZPerSite().orElseThrow())
        .isCloseTo(0.9296953983416101 + beta, within(1e-14));
  }

  /**
   * The published -ln Z / beta counts two sites, and is right to 2e-6: corner transfer matrices of
   * bond 56 give 2.07018696 per site, which is already above it.
   */
  @Test
  void baxtersIntegralOfThreeStates() {
    double beta = Math.log1p(Math.sqrt(3));

    assertThat(-2 * Potts.critical(3).exactLogZPerSite().orElseThrow() / beta)
        .isCloseTo(-4.119552029995684, within(1e-5));
    assertThat(new Potts(3, 0.9).exactLogZPerSite()).isEmpty();
  }

  @Test
  void isingTensorsAreTheSumOverSpins() {
    Ising ising = new Ising(0.7, 0.3);
    FiniteLattice lattice = FiniteLattice.of(ising.site(), 3, 3, ising.freeEnds());

    double expected =
        sumOverStates(2, (s, t) -> s == t ? 1 : -1, ising.horizontal(), ising.vertical());
    assertThat(ExactContraction.of(lattice).value()).isCloseTo(expected, within(1e-12 * expected));
  }

  @Test
  void pottsTensorsAreTheSumOverStates() {
    Potts potts = new Potts(3, 0.8);
    FiniteLattice lattice = FiniteLattice.of(potts.site(), 3, 3, potts.freeEnds());

    double expected = sumOverStates(3, (s, t) -> s == t ? 1 : 0, 0.8, 0.8);
    assertThat(ExactContraction.of(lattice).value()).isCloseTo(expected, within(1e-12 * expected));
  }

  /** Z of an open 3 x 3 lattice, state by state. */
  private static double sumOverStates(
      int states, IntBinaryOperator coupling, double horizontal, double vertical) {
    double z = 0;
    for (int code = 0; code < Math.pow(states, 9); code++) {
      int[] s = new int[9];
      for (int i = 0, rest = code; i < 9; i++, rest /= states) {
        s[i] = rest % states;
      }
      double energy = 0;
      for (int i = 0; i < 9; i++) {
        energy += i % 3 < 2 ? horizontal * coupling.applyAsInt(s[i], s[i + 1]) : 0;
        energy += i < 6 ? vertical * coupling.applyAsInt(s[i], s[i + 3]) : 0;
      }
      z += Math.exp(energy);
    }
    return z;
  }

  /** Fisher and Temperley 1961: a chessboard has 12 988 816 coverings. */
  @Test
  void countsCoveringsByDimers() {
    Tensor none = Tensor.of(new double[] {1, 0}, 2);
    Tensor site = new Dimers().site();
    FiniteLattice board = FiniteLattice.of(site, 8, 8, List.of(none, none, none, none));
    FiniteLattice odd = FiniteLattice.of(site, 3, 3, List.of(none, none, none, none));

    assertThat(ExactContraction.of(board).value()).isCloseTo(12_988_816, within(1e-5));
    assertThat(ExactContraction.of(odd).sign()).isZero();
  }

  /** Ice with arrows in from both sides and out above and below: alternating sign matrices. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 7", "4, 42", "5, 429", "6, 7436"})
  void countsAlternatingSignMatrices(int n, double count) {
    Tensor zero = Tensor.of(new double[] {1, 0}, 2);
    Tensor one = Tensor.of(new double[] {0, 1}, 2);
    List<Tensor> domainWalls = List.of(one, zero, zero, one);

    assertThat(
            ExactContraction.of(FiniteLattice.of(new SquareIce().site(), n, n, domainWalls))
                .value())
        .isCloseTo(count, within(1e-9 * count));
  }

  @Test
  void refusesWhatHasNoRealRoot() {
    assertThatThrownBy(() -> Ising.isotropic(-0.1)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> Ising.isotropic(Double.NaN)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new Potts(1, 1)).hasMessageContaining("2 to 64 states");
  }
}
