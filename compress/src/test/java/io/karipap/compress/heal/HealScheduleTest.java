package io.karipap.compress.heal;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.compress.HealOptions;
import io.karipap.compress.HealingMode;
import io.karipap.compress.SharedTexts;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.LoadedModel;
import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealScheduleTest {

  private static final String FINE = "int4";
  private static final String COARSE = "lloyd2";

  private static TensorScope scope;
  private static LoadedModel model;

  @BeforeAll
  static void open() {
    scope = new TensorScope();
    model = LoadedModel.open(SharedTexts.STORIES);
  }

  @AfterAll
  static void close() {
    model.close();
    scope.close();
  }

  private static HealSchedule schedule(Weights start, long tokens, HealOptions options) {
    return HealSchedule.of(model.config(), start, tokens, options, 1);
  }

  /** The model, the matrices of some names in a format of many levels and the rest in few. */
  private static Weights quantized(String fine) {
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    model
        .weights()
        .matrices()
        .forEach((name, f) ->
            matrices.put(
                name,
                RoundToNearest.quantize(
                    f, QuantizationScheme.of(name.matches(fine) ? FINE : COARSE, 64))));
    return model.weights().with(matrices);
  }

  private static double rate(Weights start) {
    return schedule(start, 1 << 16, HealOptions.standard())
        .settings()
        .optimization()
        .learningRate();
  }

  @ParameterizedTest
  @CsvSource({
    "model.embed_tokens, false", // an eighth of the numbers
    ".*mlp.(gate|up)_proj, true" // two fifths
  })
  void theRateIsThatOfFineCodesOnceTheyAreMany(String fine, boolean many) {
    double ofCoarse = rate(quantized("none"));
    double ofFine = rate(quantized(".*"));
    assertThat(ofCoarse).isEqualTo(rate(model.weights()));
    assertThat(ofFine).isLessThan(ofCoarse);
    assertThat(rate(quantized(fine))).isEqualTo(many ? ofFine : ofCoarse);
  }

  /** The first step of Adam moves every number by the rate: it should cross as many levels. */
  @Test
  void theRateIsSmallerByTheDistanceOfTheLevels() {
    double rates = rate(quantized(".*")) / rate(quantized("none"));
    double distances = distance(quantized(".*")) / distance(quantized("none"));
    assertThat(rates).isBetween(distances / 2, distances * 2);
  }

  /** Mean difference of neighbouring levels of one matrix. */
  private static double distance(Weights weights) {
    Quantized matrix = (Quantized) weights.matrix("model.layers.1.mlp.up_proj");
    QuantizedTensor codes = matrix.scalarCodes().getFirst();
    List<Double> levels = codes.format().levels();
    double range = levels.getLast() - levels.getFirst();
    return codes.scales().mean().item() * range / (levels.size() - 1);
  }

  @Test
  void scalesAreTrainedAtTheFullRate() {
    HealOptions scales = HealOptions.standard().withTrain(HealingMode.SCALES);
    assertThat(schedule(quantized(".*"), 1 << 16, scales).settings().optimization().learningRate())
        .isEqualTo(scales.learningRate());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1000, 4096, 200_000, 1_000_000, 1L << 26})
  void theLooksAreEvenAndTheLastIsAfterTheLastStep(long tokens) {
    HealSchedule schedule = schedule(model.weights(), tokens, HealOptions.standard());
    long steps = schedule.settings().steps();
    List<Long> looks =
        LongStream.rangeClosed(1, steps).filter(schedule::looksAfter).boxed().toList();
    assertThat(looks.getLast()).isEqualTo(steps);
    assertThat(looks).hasSizeBetween((int) Math.min(5, steps), 202);
    long first = looks.getFirst();
    for (int i = 1; i < looks.size() - 1; i++) {
      assertThat(looks.get(i) - looks.get(i - 1)).isEqualTo(first);
    }
  }

  @Test
  void aShortRunGoesOnToItsEnd() {
    HealSchedule schedule = schedule(model.weights(), 100_000, HealOptions.standard());
    long steps = schedule.settings().steps();
    assertThat(schedule.goesOnAfter(steps - 1, 0)).isTrue();
    assertThat(schedule.goesOnAfter(steps, steps)).isFalse();
  }

  @Test
  void aLongRunEndsAfterAsManyLooksWithoutABetterOneAsItsPatience() {
    HealOptions options = HealOptions.standard();
    HealSchedule schedule = schedule(model.weights(), 1L << 26, options);
    long best =
        LongStream.iterate(1, s -> s + 1).filter(schedule::looksAfter).findFirst().orElse(0);
    long end =
        LongStream.iterate(best, s -> s + 1)
            .filter(step -> !schedule.goesOnAfter(step, best))
            .findFirst()
            .orElseThrow();
    assertThat(LongStream.rangeClosed(best + 1, end).filter(schedule::looksAfter).count())
        .isEqualTo(options.patience());
  }

  /** Short runs have small steps, and no step has more than eight windows. */
  @Test
  void theStepsAreManyBeforeTheyAreLarge() {
    for (long tokens : new long[] {1000, 100_000, 1_000_000, 100_000_000}) {
      var settings = schedule(model.weights(), tokens, HealOptions.standard()).settings();
      assertThat(settings.windowsPerBatch()).isBetween(1, 8);
      if (settings.windowsPerBatch() > 1) {
        assertThat(settings.steps()).isGreaterThanOrEqualTo(250);
      }
      assertThat(settings.steps() * settings.batchTokens()).isGreaterThanOrEqualTo(tokens);
    }
  }

  @Test
  void withoutLooksThereIsOneAfterTheLastStep() {
    HealSchedule schedule =
        schedule(model.weights(), 1 << 16, HealOptions.standard()).withoutLooks(1 << 14);
    long steps = schedule.settings().steps();
    assertThat(schedule.settings().tokens()).isEqualTo(1 << 14);
    assertThat(LongStream.rangeClosed(1, steps).filter(schedule::looksAfter))
        .containsExactly(steps);
  }
}
