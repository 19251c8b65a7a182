package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntegerFactorsTest {

  private static int product(List<Integer> factors) {
    return factors.stream().reduce(1, Math::multiplyExact);
  }

  /** Two factors: every pair of the dimension and of the numbers above it, tried one by one. */
  @ParameterizedTest
  @CsvSource({"24", "36", "97", "172", "512"})
  void theMostEvenPairOfTheLeastPaddingComesFirst(int dimension) {
    double least =
        IntStream.rangeClosed(dimension, dimension + dimension / 16 + 2)
            .boxed()
            .flatMap(padded ->
                IntStream.rangeClosed(1, padded)
                    .filter(a -> padded % a == 0 && a * a >= padded)
                    .mapToObj(a ->
                        Math.log(a / (padded / (double) a))
                            + 10 * Math.log((double) padded / dimension)))
            .mapToDouble(Double::doubleValue)
            .min()
            .orElseThrow();
    assertThat(IntegerFactors.of(dimension, 2).getFirst().badness()).isEqualTo(least);
  }

  @ParameterizedTest
  @CsvSource({"64, 3", "172, 4", "1000, 3", "7, 2", "4096, 6"})
  void factorsDecreaseAndTheirProductIsTheDimensionWithALittlePadding(int dimension, int count) {
    List<IntegerFactors.Product> products = IntegerFactors.of(dimension, count);
    assertThat(products).isNotEmpty().hasSizeLessThanOrEqualTo(12).doesNotHaveDuplicates();
    for (IntegerFactors.Product product : products) {
      assertThat(product.factors())
          .hasSize(count)
          .isSortedAccordingTo((a, b) -> Integer.compare(b, a));
      assertThat(product(product.factors())).isBetween(dimension, dimension + dimension / 16 + 2);
    }
  }

  @Test
  void aPowerIsWrittenWithoutPadding() {
    assertThat(IntegerFactors.of(64, 3).getFirst().factors()).containsExactly(4, 4, 4);
    assertThat(IntegerFactors.of(64, 3).getFirst().badness()).isZero();
    assertThat(IntegerFactors.of(17, 1).getFirst().factors()).containsExactly(17);
  }
}
