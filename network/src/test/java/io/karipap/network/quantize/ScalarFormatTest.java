package io.karipap.network.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarFormatTest {

  @Test
  void integersAreSymmetricOrStartAtNought() {
    assertThat(ScalarFormat.of("int2").levels()).containsExactly(-1.0, 0.0, 1.0);
    assertThat(ScalarFormat.of("int3").levels())
        .containsExactly(-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0);
    assertThat(ScalarFormat.of("uint2").levels()).containsExactly(0.0, 1.0, 2.0, 3.0);
    assertThat(ScalarFormat.of("int8").levels()).hasSize(255).startsWith(-127.0).endsWith(127.0);
    assertThat(ScalarFormat.of("uint8").levels()).hasSize(256).startsWith(0.0).endsWith(255.0);
  }

  /** Levels over the largest, as the paper and its authors' program list them. */
  @ParameterizedTest
  @CsvSource({"apot2, '0,1'", "apot3, '0,0.25,0.5,1'", "apot4, '0,0.1,0.2,0.3,0.4,0.6,0.8,1'"})
  void additivePowersOfTwoAreTheirEnumeration(String label, String positive) {
    double[] levels =
        ScalarFormat.of(label).levels().stream().mapToDouble(Double::doubleValue).toArray();
    double top = levels[levels.length - 1];
    List<Long> scaled =
        DoubleStream.of(levels)
            .filter(x -> x >= 0)
            .mapToObj(x -> Math.round(1e10 * x / top))
            .toList();
    List<Long> expected =
        Arrays.stream(positive.split(","))
            .map(x -> Math.round(1e10 * Double.parseDouble(x)))
            .toList();
    assertThat(scaled).isEqualTo(expected);
  }

  @Test
  void fiveBitsAreTwoTermsOfThreePowersEach() {
    double[] a = {0, 1.0 / 2, 1.0 / 8, 1.0 / 32};
    double[] b = {0, 1.0 / 4, 1.0 / 16, 1.0 / 64};
    List<Double> expected =
        DoubleStream.of(a)
            .flatMap(x -> DoubleStream.of(b).map(y -> x + y))
            .sorted()
            .boxed()
            .toList();

    assertThat(ScalarFormat.of("apot5").levels().stream().filter(x -> x >= 0).toList())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
  void powersOfTwoUseAllCodesButOneAndAreSymmetric(int bits) {
    List<Double> levels = new ScalarFormat.PowersOfTwo(bits).levels();
    assertThat(levels).hasSize((1 << bits) - 1).isSorted().doesNotHaveDuplicates();
    for (int i = 0; i < levels.size(); i++) {
      assertThat(levels.get(i) + levels.get(levels.size() - 1 - i)).isZero();
      assertThat((double) levels.get(i).floatValue()).isEqualTo(levels.get(i));
    }
  }

  /**
   * Lloyd's two conditions, by numerical integration: every level is the mean of the normal
   * variables that are nearest to it. The errors are those of Max's table I.
   */
  @ParameterizedTest
  @CsvSource({"lloyd2, 0.1175", "lloyd3, 0.03454", "lloyd4, 0.009497"})
  void lloydMaxLevelsAreTheMeansOfWhatTheyStandFor(String label, double published) {
    double[] levels =
        ScalarFormat.of(label).levels().stream().mapToDouble(Double::doubleValue).toArray();
    double[] mass = new double[levels.length];
    double[] moment = new double[levels.length];
    double error = 0;
    double step = 1e-5;
    for (double x = -10 + step / 2; x < 10; x += step) {
      int near = 0;
      while (near + 1 < levels.length && x > (levels[near] + levels[near + 1]) / 2) {
        near++;
      }
      double density = step * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      mass[near] += density;
      moment[near] += density * x;
      error += density * (x - levels[near]) * (x - levels[near]);
    }
    for (int i = 0; i < levels.length; i++) {
      assertThat(levels[i]).isCloseTo(moment[i] / mass[i], within(2e-5));
      assertThat((double) (float) levels[i]).isEqualTo(levels[i]);
    }
    assertThat(error).isCloseTo(published, within(5e-4 * published));
  }

  @Test
  void labelsAreReadBack() {
    for (String label : List.of("int2", "int8", "uint4", "apot3", "lloyd3", "ternary")) {
      assertThat(ScalarFormat.of(label).label()).isEqualTo(label);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int1", "int9", "int", "", "float4", "int44", "apot1", "uint0", "lloyd5"})
  void otherLabelsAreRefused(String label) {
    assertThatThrownBy(() -> ScalarFormat.of(label))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + label + "'")
        .hasMessageContaining("ternary");
  }

  @ParameterizedTest
  @EnumSource(ScaleType.class)
  void scalesRoundToTheStoredTypeAndUpwards(ScaleType type) {
    Random random = new Random(3);
    double precision = type == ScaleType.F16 ? 0x1p-11 : 0x1p-8;
    for (int i = 0; i < 2000; i++) {
      double x = Math.exp(2 * random.nextGaussian());
      double near = type.nearest(x);
      double up = type.up(x);
      assertThat(Math.abs(near - x)).isLessThanOrEqualTo(precision * x * 1.0001 + 0x1p-25);
      assertThat(up).isGreaterThanOrEqualTo(x);
      assertThat(up - x).isLessThanOrEqualTo(2 * precision * x * 1.0001 + 0x1p-24);
      assertThat(type.nearest(up)).isEqualTo(up);
    }
    assertThat(type.up(0)).isZero();
    assertThatThrownBy(() -> type.nearest(1e39)).hasMessageContaining("too large");
    assertThatThrownBy(() -> type.nearest(Double.NaN)).hasMessageContaining("cannot be a scale");
  }
}
