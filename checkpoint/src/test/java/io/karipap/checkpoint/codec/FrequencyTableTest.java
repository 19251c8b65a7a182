package io.karipap.checkpoint.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrequencyTableTest {

  private static long[] counts(double sigma, int numbers) {
    Random random = new Random(1);
    long[] counts = new long[256];
    for (int i = 0; i < numbers; i++) {
      counts[128 + (int) Math.rint(Math.clamp(sigma * random.nextGaussian(), -128, 127))]++;
    }
    return counts;
  }

  private static double entropy(long[] counts) {
    double total = 0;
    double sum = 0;
    for (long count : counts) {
      total += count;
      sum += count == 0 ? 0 : count * Math.log((double) count) / Math.log(2);
    }
    return Math.log(total) / Math.log(2) - sum / total;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.7, 2, 6, 20})
  void codesWithinAHundredthOfABitOfTheEntropy(double sigma) {
    long[] counts = counts(sigma, 200_000);
    FrequencyTable table = FrequencyTable.of(counts);
    double bits = 0;
    for (int k = -128; k < 128; k++) {
      bits += counts[k + 128] == 0 ? 0 : counts[k + 128] * table.bits(k);
    }
    assertThat(bits / 200_000).isBetween(entropy(counts) - 1e-12, entropy(counts) + 0.01);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 5000})
  void everyIndexCanBeCodedHoweverFewWereCounted(int numbers) {
    FrequencyTable table = FrequencyTable.of(counts(3, numbers));
    int sum = table.escape();
    for (int k = -128; k < 128; k++) {
      assertThat(table.bits(k)).isBetween(0.0, 20.0);
      sum += table.frequency(k);
    }
    assertThat(table.escape()).isPositive();
    assertThat(sum).isEqualTo(FrequencyTable.TOTAL);
  }

  @Test
  void tablesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new FrequencyTable(0, List.of(4096)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FrequencyTable(0, List.of(-1, 5)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FrequencyTable(120, Collections.nCopies(9, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
