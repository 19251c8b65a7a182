package io.karipap.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.family.Architectures;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginalModelTest {

  @ParameterizedTest
  @ValueSource(strings = {"tiny1m", "stories260K", "tinystories656K"})
  void givesOutTheNumbersThatAreReadAsAWhole(String name) {
    var folder = SharedFiles.model(name);
    try (var _ = new TensorScope();
        var whole = LoadedModel.open(folder);
        var original = OriginalModel.open(folder, Architectures.standard())) {
      assertThat(original.weights().parameters()).isEqualTo(whole.weights().parameters());
      for (MatrixSpec matrix : original.weights().matrices()) {
        assertThat(original.weights().matrix(matrix).toFloats())
            .as(matrix.name())
            .isEqualTo(whole.weights().matrix(matrix.name()).matrix().toFloats());
      }
      assertThat(original.weights().vectors().keySet())
          .isEqualTo(whole.weights().vectors().keySet());
    }
  }
}
