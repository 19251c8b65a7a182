package io.karipap.model.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.task.Example.Cloze;
import io.karipap.model.task.Example.MultipleChoice;
import io.karipap.model.task.Example.Outcome;
import io.karipap.model.task.Example.PartialChoice;
import io.karipap.model.task.Example.Request;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskScoreTest {

  /** Probabilities of the words a, b, c after each of them. */
  private static final double[][] P = {{0.1, 0.7, 0.2}, {0.5, 0.2, 0.3}, {0.3, 0.25, 0.45}};

  @TempDir private Path folder = Path.of("");

  private static Decoder bigram(int context) {
    double[][] logits =
        Arrays.stream(P)
            .map(row -> Arrays.stream(row).map(Math::log).toArray())
            .toArray(double[][]::new);
    return TinyModel.bigram(logits, context, "{}");
  }

  /** One token for each of the words a, b, c, and no BOS. */
  private Tokenizer words(Architecture architecture) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"},
         "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "c": 2}, "unk_token": "a"}}
        """);
    return Tokenizer.open(folder, architecture.config());
  }

  private TaskScore examine(int context, Example... examples) throws IOException {
    try (var _ = new TensorScope()) {
      Decoder model = bigram(context);
      try (Tokenizer tokenizer = words(model.architecture())) {
        return TaskScore.of(model, tokenizer, new Task("t", List.of(examples)), context, _ -> {});
      }
    }
  }

  @Test
  void clozeOfABigramModelIsThatByHand() throws IOException {
    // the likeliest: b after a, a after b, c after c
    TaskScore score = examine(8, new Cloze("c a", "b"), new Cloze("b", "a"), new Cloze("a b", "c"));
    assertThat(score.accuracy().value()).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(score.accuracy().standardError())
        .isCloseTo(Math.sqrt(2.0 / 3 * (1.0 / 3) / 2), within(1e-12));
    assertThat(score.accuracyByLength()).isEmpty();
    assertThat(score.perplexity().orElseThrow().value())
        .isCloseTo(Math.pow(0.7 * 0.5 * 0.3, -1.0 / 3), within(1e-12));
    assertThat(score.cut()).isZero();
  }

  @Test
  void choicesOfABigramModelAreThoseByHand() throws IOException {
    // after a: b 0.7; c c c 0.2 * 0.45 * 0.45 = 0.0405, 5 characters: ln is -0.36 and -0.64 each
    // after b: a b 0.5 * 0.7 = 0.35; c 0.3: ln is -0.35 and -1.20 each
    // after c: c b 0.1125; b a c 0.25 * 0.5 * 0.2 = 0.025: ln is -0.73 and -0.74 each
    // after b: c b 0.075; c c b 0.03375: ln is -0.86 and -0.68 each
    TaskScore score =
        examine(
            8,
            new MultipleChoice("a", List.of("b", "c c c"), 0),
            new MultipleChoice("b", List.of("c", "a b"), 0),
            new MultipleChoice("c", List.of("b a c", "c b"), 1),
            new MultipleChoice("b", List.of("c b", "c c b"), 1));
    assertThat(score.outcomes())
        .extracting(Outcome::isRight)
        .containsExactly(true, false, true, false);
    assertThat(score.outcomes())
        .extracting(outcome -> outcome.isRightByLength().orElseThrow())
        .containsExactly(true, false, true, true);
    assertThat(score.accuracy().value()).isEqualTo(0.5);
    assertThat(score.accuracyByLength().orElseThrow().value()).isEqualTo(0.75);
    assertThat(score.perplexity()).isEmpty();
  }

  @Test
  void partialChoiceOfABigramModelIsThatByHand() throws IOException {
    // c after a 0.2, after b 0.3; a b after a 0.07, after c 0.21
    TaskScore score =
        examine(
            8,
            new PartialChoice(List.of("c a", "c b"), "c", 1),
            new PartialChoice(List.of("a", "c"), "a b", 0));
    assertThat(score.outcomes()).extracting(Outcome::isRight).containsExactly(true, false);
    assertThat(score.accuracyByLength()).isEmpty();
  }

  @Test
  void examplesThatLostTheirBeginningAreCounted() throws IOException {
    TaskScore score =
        examine(3, new Cloze("a b c c", "a"), new Cloze("a b c", "b"), new Cloze("b a b c c", "c"));
    assertThat(score.cut()).isEqualTo(2);
    assertThat(score.perplexity().orElseThrow().value())
        .isCloseTo(Math.pow(0.3 * 0.25 * 0.45, -1.0 / 3), within(1e-12));
  }

  private static TaskScore cloze(List<Boolean> right, double... logLikelihoods) {
    return new TaskScore(
        IntStream.range(0, right.size())
            .mapToObj(i ->
                new Outcome(right.get(i), Optional.empty(), OptionalDouble.of(logLikelihoods[i])))
            .toList(),
        0);
  }

  @Test
  void perplexityHasTheErrorOfFirstOrder() {
    // ln 2 and 3 ln 2: mean 2 ln 2, variance 2 (ln 2)^2, error of the mean ln 2
    Estimate perplexity =
        cloze(List.of(true, false), -Math.log(2), -Math.log(8)).perplexity().orElseThrow();
    assertThat(perplexity.value()).isCloseTo(4, within(1e-12));
    assertThat(perplexity.standardError()).isCloseTo(4 * Math.log(2), within(1e-12));
  }

  @Test
  void comparisonIsPairedByHand() {
    TaskScore here = cloze(List.of(true, true, false, false, true), -1, -2, -3, -4, -5);
    TaskScore there = cloze(List.of(true, false, false, true, false), -2, -2, -2, -2, -2);
    TaskScore.Comparison comparison = here.against(there);
    // 0 1 0 -1 1: mean 0.2, squares 3 - 5 * 0.04 = 2.8, variance 0.7
    assertThat(comparison.accuracy().value()).isCloseTo(0.2, within(1e-12));
    assertThat(comparison.accuracy().standardError()).isCloseTo(Math.sqrt(0.7 / 5), within(1e-12));
    assertThat(comparison.onlyThis()).isEqualTo(2);
    assertThat(comparison.onlyOther()).isEqualTo(1);
    // losses 1 2 3 4 5 less 2 each: mean 1, variance 2.5
    assertThat(comparison.loss().orElseThrow().value()).isCloseTo(1, within(1e-12));
    assertThat(comparison.loss().orElseThrow().standardError())
        .isCloseTo(Math.sqrt(2.5 / 5), within(1e-12));
    assertThat(comparison.accuracyByLength()).isEmpty();
  }

  @Test
  void comparisonOfDifferentTasksIsRefused() {
    TaskScore two = cloze(List.of(true, true), -1, -1);
    assertThatThrownBy(() -> two.against(cloze(List.of(true), -1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The whole way on a published task, against sequences that the model sees one by one. */
  @ParameterizedTest
  @ValueSource(strings = {"piqa", "lambada_openai", "winogrande"})
  void scoresOfAModelAreThoseOfSingleSequences(String name) {
    try (var _ = new TensorScope();
        LoadedModel loaded = LoadedModel.open(SharedFiles.model("stories260K"))) {
      Decoder model = loaded.decoder();
      Task task = TaskFile.read(SharedFiles.data("tasks/" + name + ".jsonl")).limited(25);
      TaskScore score = TaskScore.of(model, loaded.tokenizer(), task, 512, _ -> {});
      List<Outcome> outcomes = score.outcomes();
      for (int i = 0; i < outcomes.size(); i++) {
        List<Double> sums = new ArrayList<>();
        for (Request request : task.examples().get(i).requests()) {
          sums.add(single(model, loaded.tokenizer(), request));
        }
        switch (task.examples().get(i)) {
          case Cloze _ ->
              assertThat(outcomes.get(i).logLikelihood().orElseThrow())
                  .isCloseTo(sums.getFirst(), within(1e-3));
          case MultipleChoice(String _, List<String> answers, int gold) -> {
            assertThat(outcomes.get(i).isRight()).isEqualTo(sums.get(gold) > sums.get(1 - gold));
            assertThat(outcomes.get(i).isRightByLength().orElseThrow())
                .isEqualTo(
                    sums.get(gold) / answers.get(gold).length()
                        > sums.get(1 - gold) / answers.get(1 - gold).length());
          }
          case PartialChoice(List<String> _, String _, int gold) ->
              assertThat(outcomes.get(i).isRight()).isEqualTo(sums.get(gold) > sums.get(1 - gold));
        }
      }
    }
  }

  private static double single(Decoder model, Tokenizer tokenizer, Request request) {
    int[] ids =
        IntStream.concat(
                tokenizer.bos().stream(),
                IntStream.of(tokenizer.encode(request.context() + request.following())))
            .toArray();
    int given =
        tokenizer.bos().stream().toArray().length + tokenizer.encode(request.context()).length;
    try (var _ = new TensorScope()) {
      double[] logits = model.logits(TinyModel.tensor(ids)).toDoubles();
      int vocabulary = logits.length / ids.length;
      double sum = 0;
      for (int place = given; place < ids.length; place++) {
        double[] row = Arrays.copyOfRange(logits, (place - 1) * vocabulary, place * vocabulary);
        double normalisation = Math.log(Arrays.stream(row).map(Math::exp).sum());
        sum += row[ids[place]] - normalisation;
      }
      return sum;
    }
  }
}
