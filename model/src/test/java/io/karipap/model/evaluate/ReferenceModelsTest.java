package io.karipap.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.ReferenceTokens;
import io.karipap.model.generate.Generator;
import io.karipap.model.generate.Sampling;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real models against losses from two independent implementations, and against published text. */
class ReferenceModelsTest {

  @ParameterizedTest
  @CsvSource({
    "tiny1m, 256, 2519, 1.274117",
    "stories260K, 512, 3373, 1.558886",
    "tinystories656K, 512, 1645, 3.420043"
  })
  void lossesOnFixedIdsAreReproduced(String name, int length, long tokens, double loss) {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedFiles.model(name))) {
      List<TokenSequence> ids = ReferenceTokens.of(name, length);
      Evaluation evaluation =
          Evaluation.of(
              model.decoder(), Optional.empty(), ids, Windows.cut(ids, length), 1, _ -> {});
      assertThat(evaluation.tokens()).isEqualTo(tokens);
      assertThat(evaluation.loss()).isCloseTo(loss, within(2e-6));
    }
  }

  @Test
  void greedyTextIsThePublishedOne() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedFiles.model("stories260K"))) {
      List<Integer> ids = new ArrayList<>();
      int count =
          new Generator(model.decoder(), Sampling.GREEDY).generate(new int[] {1}, 200, ids::add);
      assertThat(count).isEqualTo(200);
      String text = model.tokenizer().decode(ids.stream().mapToInt(i -> i).toArray());
      assertThat(text.strip()).isEqualTo(SharedFiles.reference("stories260K-greedy.txt").strip());
    }
  }
}
