package io.karipap.model.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SingleMatrixKlTest {

  // windows of unequal lengths, so that some of what is computed together is filling
  private static final List<TokenSequence> DOCUMENTS =
      List.of(
          TokenSequence.of(1, 5, 3, 16, 2, 2, 9, 11),
          TokenSequence.of(4, 0, 7),
          TokenSequence.of(8, 8, 10, 1, 15, 6));

  private static final List<Window> WINDOWS = Windows.cut(DOCUMENTS, 5);

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'tie_word_embeddings': true}", "{'num_key_value_heads': 1}"})
  void itIsTheDivergenceOfTheWholeModelForEveryMatrix(String overrides) {
    Architecture architecture = TinyModel.architecture(overrides);
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Weights weights = TinyModel.weights(architecture, 3);
      Decoder original = new Decoder(architecture, weights, DType.F64);
      SingleMatrixKl probe = SingleMatrixKl.of(original, DOCUMENTS, WINDOWS, owner);
      RandomTensors random = new RandomTensors(4);
      for (MatrixSpec name : architecture.matrices()) {
        Factorization other =
            new Dense(
                weights
                    .matrix(name.name())
                    .matrix()
                    .add(random.normal(DType.F64, name.rows(), name.columns()).mul(0.1)));
        double whole =
            Evaluation.of(
                    new Decoder(architecture, weights.with(Map.of(name.name(), other)), DType.F64),
                    Optional.of(original),
                    DOCUMENTS,
                    WINDOWS,
                    1,
                    _ -> {})
                .comparison()
                .orElseThrow()
                .kl();
        assertThat(whole).as(name.name()).isGreaterThan(1e-7);
        assertThat(probe.divergence(name.name(), other))
            .as(name.name())
            .isCloseTo(whole, within(1e-12));
        assertThat(probe.divergence(name.name(), weights.matrix(name.name())))
            .as(name.name())
            .isCloseTo(0, within(1e-12));
      }
    }
  }

  @Test
  void aMatrixThatThereIsNotIsNamed() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      Weights weights = TinyModel.weights(TinyModel.architecture(), 3);
      SingleMatrixKl probe =
          SingleMatrixKl.of(
              new Decoder(TinyModel.architecture(), weights), DOCUMENTS, WINDOWS, owner);
      Factorization any = weights.matrix(TinyModel.EMBEDDINGS);
      assertThatThrownBy(() -> probe.divergence("block.9.q", any))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the model has no matrix block.9.q");
    }
  }
}
