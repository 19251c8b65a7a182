package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingSettingsTest {

  @Test
  void countsStepsAndWindows() {
    var settings =
        new TrainingSettings(
            1000,
            new TrainingSettings.Batch(64, 16, 8),
            new TrainingSettings.Optimization(0.1, 128, 0.1, 0, 1),
            DType.F32,
            0);
    assertThat(settings.steps()).isEqualTo(16); // 1000 / 64 = 15.6
    assertThat(settings.windowsPerBatch()).isEqualTo(8);
    LearningRate schedule = settings.schedule();
    assertThat(schedule.at(1)).isCloseTo(0.05, within(1e-15)); // two steps of warm-up
    assertThat(schedule.at(2)).isEqualTo(0.1);
    assertThat(schedule.at(16)).isCloseTo(0.01, within(1e-15));
  }

  @ParameterizedTest
  @CsvSource({
    // tokens, batch, micro, context, rate, warm-up, final, decay, clip, type, what is wrong
    "0, 64, 16, 8, 0.1, 0, 0.1, 0, 1, F32, tokens",
    "99, 64, 16, 1, 0.1, 0, 0.1, 0, 1, F32, context",
    "99, 4, 16, 8, 0.1, 0, 0.1, 0, 1, F32, batch",
    "99, 64, 4, 8, 0.1, 0, 0.1, 0, 1, F32, micro-batch",
    "99, 60, 16, 8, 0.1, 0, 0.1, 0, 1, F32, multiples",
    "99, 64, 20, 8, 0.1, 0, 0.1, 0, 1, F32, multiples",
    "99, 64, 16, 8, 0, 0, 0.1, 0, 1, F32, learning rate",
    "99, 64, 16, 8, NaN, 0, 0.1, 0, 1, F32, learning rate",
    "99, 64, 16, 8, Infinity, 0, 0.1, 0, 1, F32, learning rate",
    "99, 64, 16, 8, 0.1, -1, 0.1, 0, 1, F32, warm-up",
    "99, 64, 16, 8, 0.1, 0, -0.1, 0, 1, F32, final fraction",
    "99, 64, 16, 8, 0.1, 0, 1.1, 0, 1, F32, final fraction",
    "99, 64, 16, 8, 0.1, 0, NaN, 0, 1, F32, final fraction",
    "99, 64, 16, 8, 0.1, 0, 0.1, -1, 1, F32, weight decay",
    "99, 64, 16, 8, 0.1, 0, 0.1, NaN, 1, F32, weight decay",
    "99, 64, 16, 8, 0.1, 0, 0.1, 0, 0, F32, clip",
    "99, 64, 16, 8, 0.1, 0, 0.1, 0, NaN, F32, clip",
    "99, 64, 16, 8, 0.1, 0, 0.1, 0, 1, I64, I64"
  })
  void settingsThatCannotWorkAreRefused(
      long tokens,
      int batch,
      int micro,
      int context,
      double rate,
      long warmup,
      double last,
      double decay,
      double clip,
      DType compute,
      String wrong) {
    assertThatThrownBy(() ->
            new TrainingSettings(
                tokens,
                new TrainingSettings.Batch(batch, micro, context),
                new TrainingSettings.Optimization(rate, warmup, last, decay, clip),
                compute,
                0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(wrong);
  }
}
