package io.karipap.model.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.WeightSource;
import io.karipap.model.io.WeightsInMemory;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statistics of a model of which one block is in memory at a time. */
class BlockwiseStatisticsTest {

  private static final Architecture ARCHITECTURE = TinyModel.architecture("{'head_dim': 8}");

  /** Gives out matrices, and remembers of which blocks. */
  private record Watched(WeightSource source, List<Integer> blocks) implements WeightSource {

    @Override
    public Architecture architecture() {
      return source.architecture();
    }

    @Override
    public List<MatrixSpec> matrices() {
      return source.matrices();
    }

    @Override
    public Tensor matrix(MatrixSpec matrix) {
      if (blocks.isEmpty() || blocks.getLast() != matrix.block()) {
        blocks.add(matrix.block());
      }
      return source.matrix(matrix).copy(); // whoever keeps it longer than its scope will fail
    }

    @Override
    public Map<String, Tensor> vectors() {
      return source.vectors();
    }
  }

  private static CalibrationStatistics collect(WeightSource source, Path folder) {
    return CalibrationStatistics.collect(
        source, text(), Windows.cut(text(), 16), new CovarianceFolder(folder), _ -> {});
  }

  private static List<TokenSequence> text() {
    return List.of(
        TokenSequence.of(TinyModel.ids(ARCHITECTURE, 53, 2)),
        TokenSequence.of(TinyModel.ids(ARCHITECTURE, 21, 3)));
  }

  @Test
  void areThoseOfTheModelInMemoryToTheLastBit(@TempDir Path folder) {
    try (var _ = new TensorScope()) {
      Weights weights = TinyModel.weights(ARCHITECTURE, 1);
      try (var expected =
              CalibrationStatistics.collect(
                  new Decoder(ARCHITECTURE, weights), text(), Windows.cut(text(), 16), _ -> {});
          var actual = collect(new WeightsInMemory(ARCHITECTURE, weights), folder)) {
        for (String layer : layers()) {
          assertThat(actual.covariance(layer).toDoubles())
              .as(layer)
              .isEqualTo(expected.covariance(layer).toDoubles());
          assertThat(actual.input(layer)).isEqualTo(expected.input(layer));
        }
        assertThat(actual.frequencies().toDoubles()).isEqualTo(expected.frequencies().toDoubles());
        assertThat(actual.tokens()).isEqualTo(expected.tokens());
        assertThat(actual.windows()).isEqualTo(expected.windows());
      }
    }
  }

  private static List<String> layers() {
    return ARCHITECTURE.matrices().stream()
        .filter(matrix -> !matrix.equals(ARCHITECTURE.embeddings()))
        .map(MatrixSpec::name)
        .toList();
  }

  @Test
  void askForOneBlockAfterTheOther(@TempDir Path folder) {
    try (var _ = new TensorScope()) {
      Watched source =
          new Watched(
              new WeightsInMemory(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 1)),
              new ArrayList<>());
      collect(source, folder).close();
      assertThat(source.blocks()).containsExactly(-1, 0, 1, -1);
    }
  }

  @Test
  void areReadAndNotCollectedAgain(@TempDir Path folder) {
    try (var _ = new TensorScope()) {
      WeightSource weights = new WeightsInMemory(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 1));
      Watched source = new Watched(weights, new ArrayList<>());
      try (var first = collect(weights, folder);
          var second = collect(source, folder)) {
        assertThat(source.blocks()).isEmpty();
        for (String layer : layers()) {
          assertThat(second.covariance(layer).toDoubles())
              .isEqualTo(first.covariance(layer).toDoubles());
          assertThat(second.input(layer)).isEqualTo(first.input(layer));
        }
        assertThat(second.frequencies().toDoubles()).isEqualTo(first.frequencies().toDoubles());
        assertThat(second.windows()).isEqualTo(first.windows());
      }
    }
  }

  /** The index comes last: without it a part may be missing. */
  @Test
  void areCollectedAgainAfterAnInterruption(@TempDir Path folder) throws Exception {
    try (var _ = new TensorScope()) {
      WeightSource weights = new WeightsInMemory(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 1));
      collect(weights, folder).close();
      Files.delete(folder.resolve("statistics.json"));
      Watched source = new Watched(weights, new ArrayList<>());
      collect(source, folder).close();
      assertThat(source.blocks()).containsExactly(-1, 0, 1, -1);
    }
  }
}
