package io.karipap.model.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CalibrationStatisticsTest {

  private static final Architecture ARCHITECTURE = TinyModel.architecture("{'head_dim': 8}");

  @Test
  void covariancesAreTheMeansOverAllTokensOfAllWindows() {
    try (var _ = new TensorScope()) {
      Decoder model = new Decoder(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 1), DType.F64);
      List<TokenSequence> documents =
          List.of(
              TokenSequence.of(TinyModel.ids(ARCHITECTURE, 53, 2)),
              TokenSequence.of(TinyModel.ids(ARCHITECTURE, 5, 3)),
              TokenSequence.of(TinyModel.ids(ARCHITECTURE, 24, 4)));
      List<Window> windows = Windows.cut(documents, 24);
      Map<String, double[][]> sums = new TreeMap<>();
      int tokens = 0;
      for (Window w : windows) {
        tokens += w.length();
        int[] ids =
            Arrays.stream(documents.get(w.document()).slice(w.start(), w.length()))
                .mapToInt(Math::toIntExact)
                .toArray();
        var _ =
            model.logits(
                TinyModel.tensor(ids),
                (names, x) -> names.forEach(n -> add(sums, n, x.size(-1), x.toDoubles())));
      }
      List<Double> progress = new ArrayList<>();
      try (var statistics =
          CalibrationStatistics.collect(model, documents, windows, progress::add)) {
        assertThat(statistics.tokens()).isEqualTo(tokens).isEqualTo(82);
        assertThat(statistics.windows()).isEqualTo(windows.size()).isEqualTo(5);
        assertThat(sums).hasSize(15); // seven matrices in each of two blocks, and the head
        for (var entry : sums.entrySet()) {
          double[] c = statistics.covariance(entry.getKey()).toDoubles();
          int n = entry.getValue().length;
          assertThat(c).hasSize(n * n);
          for (int i = 0; i < c.length; i++) {
            assertThat(c[i]).isCloseTo(entry.getValue()[i / n][i % n] / 82, within(1e-12));
          }
        }
      }
      assertThat(progress).isSorted().endsWith(1.0);
    }
  }

  private static void add(Map<String, double[][]> sums, String name, int n, double[] x) {
    double[][] sum = sums.computeIfAbsent(name, _ -> new double[n][n]);
    for (int row = 0; row < x.length / n; row++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          sum[i][j] += x[row * n + i] * x[row * n + j];
        }
      }
    }
  }

  @Test
  void frequenciesAreSharesOfTheTokens() {
    try (var _ = new TensorScope()) {
      Decoder model = new Decoder(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 5), DType.F64);
      List<TokenSequence> documents =
          List.of(TokenSequence.of(3, 3, 5, 3), TokenSequence.of(16, 0, 0, 5, 5, 5));
      try (var statistics =
          CalibrationStatistics.collect(model, documents, Windows.cut(documents, 8), _ -> {})) {
        double[] expected = new double[17];
        expected[0] = 0.2;
        expected[3] = 0.3;
        expected[5] = 0.4;
        expected[16] = 0.1;
        assertThat(statistics.frequencies().toDoubles()).containsExactly(expected, within(1e-15));
      }
    }
  }

  @Test
  void aLayerThatWasNotSeenAndATextWithoutTokensAreRefused() {
    try (var _ = new TensorScope()) {
      Decoder model = new Decoder(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 6), DType.F64);
      List<TokenSequence> documents = List.of(TokenSequence.of(1, 2, 3));
      try (var statistics =
          CalibrationStatistics.collect(model, documents, Windows.cut(documents, 8), _ -> {})) {
        assertThatThrownBy(() -> statistics.covariance("model.layers.2.mlp.up_proj"))
            .hasMessageContaining("model.layers.2.mlp.up_proj");
      }
      assertThatThrownBy(() -> CalibrationStatistics.collect(model, documents, List.of(), _ -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
