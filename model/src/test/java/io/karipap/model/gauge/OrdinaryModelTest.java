package io.karipap.model.gauge;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.model.ReferenceTokens;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.ModelWriter;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrdinaryModelTest {

  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"tiny1m", "stories260K", "tinystories656K"})
  void isReadBackWithTheLogitsOfTheOriginal(String name) {
    Path folder = temporary.resolve(name);
    try (var _ = new TensorScope();
        LoadedModel original = LoadedModel.open(SharedFiles.model(name))) {
      List<TokenSequence> text = ReferenceTokens.of(name, 100);
      Weights folded = NormFolding.fold(original.architecture(), original.weights());
      OrdinaryModel ordinary;
      try (CalibrationStatistics statistics =
          CalibrationStatistics.collect(
              new Decoder(original.architecture(), folded),
              text,
              Windows.cut(text, 100),
              _ -> {})) {
        Gauge gauge =
            new GaugeChoice(original.architecture(), folded, statistics)
                .of(EnumSet.allOf(Symmetry.class));
        ordinary =
            OrdinaryModel.of(original.architecture(), gauge.apply(original.architecture(), folded));
      }
      ModelWriter.write(folder, ordinary.architecture(), ordinary.weights(), original.folder());
      int length = text.getFirst().size();
      Tensor ids = Tensor.of(text.getFirst().slice(0, length), 1, length);
      Tensor expected = original.decoder().logits(ids);
      try (LoadedModel read = LoadedModel.open(folder)) {
        assertThat(read.manifest()).isEmpty();
        assertThat(read.config().tiedEmbeddings()).isFalse();
        Tensor logits = read.decoder().logits(ids);
        assertThat(logits.sub(expected).norm().item() / expected.norm().item()).isLessThan(1e-5);
      }
    }
  }
}
