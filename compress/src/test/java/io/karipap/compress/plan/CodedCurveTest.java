package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CodedCurveTest {

  /** loss = scale 4^(-bytes / numbers), as at high rates where a byte is a bit of each number. */
  private static CodedCurve gaussian(double scale, double numbers) {
    return CodedCurve.of(
        IntStream.rangeClosed(1, 9)
            .mapToObj(bits ->
                new CodedPoint(
                    Math.pow(4, -bits) * scale / numbers,
                    bits * numbers,
                    scale * Math.pow(4, -bits)))
            .toList());
  }

  /** Reverse water-filling: at equal slopes all numbers lose the same, which is theta. */
  @Test
  void gaussianMatricesGetOneLossForAllNumbers() {
    List<CodedCurve> curves = List.of(gaussian(1, 100), gaussian(50, 300), gaussian(9, 20));
    List<Double> thetas = CodedCurve.equalSlopes(curves, 1800);
    assertThat(thetas)
        .allSatisfy(t -> assertThat(t / thetas.getFirst()).isCloseTo(1, within(1e-9)));
    // sum of numbers log4(scale / numbers / theta) = 1800
    double bytes = 0;
    double[][] matrices = {{1, 100}, {50, 300}, {9, 20}};
    for (double[] m : matrices) {
      bytes += m[1] * Math.log(m[0] / m[1] / thetas.getFirst()) / Math.log(4);
    }
    assertThat(bytes).isCloseTo(1800, within(1e-3));
  }

  @Test
  void aMatrixThatIsFeltMoreGetsMore() {
    List<CodedCurve> curves = List.of(gaussian(1, 100), gaussian(1, 100).scaled(16));
    List<Double> thetas = CodedCurve.equalSlopes(curves, 900);
    assertThat(thetas.getFirst() / thetas.getLast()).isCloseTo(16, within(1e-6));
  }

  @Test
  void pointsThatCostMoreAndLoseMoreAreLeftOut() {
    CodedPoint good = new CodedPoint(1, 10, 2);
    CodedPoint bad = new CodedPoint(0.5, 12, 3);
    CodedPoint better = new CodedPoint(0.25, 20, 1);
    assertThat(CodedCurve.of(List.of(better, bad, good)).points()).containsExactly(good, better);
  }
}
