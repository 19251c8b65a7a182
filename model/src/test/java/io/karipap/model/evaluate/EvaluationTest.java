package io.karipap.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {

  private static Evaluation of(
      Decoder model, Optional<Decoder> reference, List<TokenSequence> documents, int context) {
    return Evaluation.of(model, reference, documents, Windows.cut(documents, context), 1, _ -> {});
  }

  /** Logits that are logarithms of the rows' probabilities. */
  private static double[][] logarithms(double[]... probabilities) {
    return Arrays.stream(probabilities)
        .map(row -> Arrays.stream(row).map(Math::log).toArray())
        .toArray(double[][]::new);
  }

  @Test
  void lossTop1AndBitsPerByteAreThoseByHand() {
    try (var _ = new TensorScope()) {
      Decoder model =
          TinyModel.bigram(
              logarithms(
                  new double[] {0.1, 0.7, 0.2},
                  new double[] {0.5, 0.2, 0.3},
                  new double[] {0.3, 0.3, 0.4}),
              8,
              "{}");
      // 0 1 2 | 2 0 and 1 0: p(1|0) p(2|1) p(0|2) p(0|1); the second and third are not the
      // likeliest
      List<TokenSequence> documents =
          List.of(TokenSequence.of(0, 1, 2, 2, 0), TokenSequence.of(1, 0));
      List<Double> progress = new ArrayList<>();
      Evaluation evaluation =
          Evaluation.of(
              model, Optional.empty(), documents, Windows.cut(documents, 3), 6, progress::add);
      assertThat(evaluation.tokens()).isEqualTo(4);
      double product = 0.7 * 0.3 * 0.3 * 0.5;
      assertThat(evaluation.loss()).isCloseTo(-Math.log(product) / 4, within(1e-12));
      assertThat(evaluation.perplexity()).isCloseTo(Math.pow(product, -0.25), within(1e-12));
      assertThat(evaluation.top1()).isEqualTo(0.5);
      assertThat(evaluation.bitsPerByte())
          .isCloseTo(-Math.log(product) / Math.log(2) / 6, within(1e-12));
      assertThat(evaluation.comparison()).isEmpty();
      assertThat(progress).isSorted().endsWith(1.0);
    }
  }

  @Test
  void divergenceFromAReferenceIsThatByHand() {
    try (var _ = new TensorScope()) {
      double[][] p = {{0.1, 0.7, 0.2}, {0.5, 0.2, 0.3}, {0.3, 0.2, 0.5}};
      double[][] q = {{0.2, 0.5, 0.3}, {0.1, 0.1, 0.8}, {0.3, 0.3, 0.4}};
      Decoder reference = TinyModel.bigram(logarithms(p), 8, "{}");
      Decoder model = TinyModel.bigram(logarithms(q), 8, "{}");
      double[] divergence = new double[3];
      for (int token = 0; token < 3; token++) {
        for (int next = 0; next < 3; next++) {
          divergence[token] += p[token][next] * Math.log(p[token][next] / q[token][next]);
        }
      }
      List<TokenSequence> documents = List.of(TokenSequence.of(0, 1, 1, 2, 0));
      var comparison = of(model, Optional.of(reference), documents, 8).comparison().orElseThrow();
      assertThat(comparison.kl())
          .isCloseTo((divergence[0] + 2 * divergence[1] + divergence[2]) / 4, within(1e-12));
      assertThat(comparison.agreement()).isEqualTo(0.5); // after 0 and 2, not after 1
    }
  }

  @Test
  void aModelAgreesWithItself() {
    try (var _ = new TensorScope()) {
      var architecture = TinyModel.architecture();
      Decoder model = new Decoder(architecture, TinyModel.weights(architecture, 1), DType.F64);
      List<TokenSequence> documents =
          List.of(TokenSequence.of(TinyModel.ids(architecture, 100, 2)));
      Evaluation evaluation = of(model, Optional.of(model), documents, 24);
      assertThat(evaluation.comparison()).contains(new Evaluation.Comparison(0, 1));
    }
  }

  @Test
  void divergenceOfTransformersIsThatOfNaiveLogits() {
    try (var _ = new TensorScope()) {
      var architecture = TinyModel.architecture("{'num_key_value_heads': 1}");
      Weights p = TinyModel.weights(architecture, 3);
      Weights q = TinyModel.weights(architecture, 4);
      int[] ids = TinyModel.ids(architecture, 20, 5);
      double[][] reference = new NaiveDecoder(architecture, p).logits(ids);
      double[][] model = new NaiveDecoder(architecture, q).logits(ids);
      double kl = 0;
      double loss = 0;
      int agreed = 0;
      int hits = 0;
      for (int t = 0; t < 19; t++) {
        double[] a = logProbabilities(reference[t]);
        double[] b = logProbabilities(model[t]);
        for (int i = 0; i < a.length; i++) {
          kl += Math.exp(a[i]) * (a[i] - b[i]) / 19;
        }
        loss -= b[ids[t + 1]] / 19;
        agreed += likeliest(a) == likeliest(b) ? 1 : 0;
        hits += likeliest(b) == ids[t + 1] ? 1 : 0;
      }
      Evaluation evaluation =
          of(
              new Decoder(architecture, TinyModel.single(q)),
              Optional.of(new Decoder(architecture, TinyModel.single(p))),
              List.of(TokenSequence.of(ids)),
              20);
      assertThat(evaluation.loss()).isCloseTo(loss, within(1e-4));
      assertThat(evaluation.top1()).isCloseTo(hits / 19.0, within(1e-12));
      assertThat(evaluation.comparison().orElseThrow().kl()).isCloseTo(kl, within(1e-4));
      assertThat(evaluation.comparison().orElseThrow().agreement())
          .isCloseTo(agreed / 19.0, within(1e-12));
    }
  }

  private static double[] logProbabilities(double[] logits) {
    double sum = Math.log(Arrays.stream(logits).map(Math::exp).sum());
    return Arrays.stream(logits).map(x -> x - sum).toArray();
  }

  private static int likeliest(double[] values) {
    int best = 0;
    for (int i = 0; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  @Test
  void paddingOfUnequalWindowsChangesNothing() {
    try (var _ = new TensorScope()) {
      var architecture = TinyModel.architecture();
      Decoder model = new Decoder(architecture, TinyModel.weights(architecture, 6), DType.F64);
      Decoder reference = new Decoder(architecture, TinyModel.weights(architecture, 7), DType.F64);
      Random random = new Random(8);
      List<TokenSequence> documents = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        documents.add(TokenSequence.of(TinyModel.ids(architecture, 2 + random.nextInt(40), i)));
      }
      List<Window> windows = Windows.cut(documents, 24);
      double loss = 0;
      double kl = 0;
      double hits = 0;
      long tokens = 0;
      for (Window window : windows) {
        Evaluation one =
            Evaluation.of(model, Optional.of(reference), documents, List.of(window), 1, _ -> {});
        tokens += one.tokens();
        loss += one.loss() * one.tokens();
        hits += one.top1() * one.tokens();
        kl += one.comparison().orElseThrow().kl() * one.tokens();
      }
      Evaluation all = of(model, Optional.of(reference), documents, 24);
      assertThat(all.tokens()).isEqualTo(tokens);
      assertThat(all.loss()).isCloseTo(loss / tokens, within(1e-12));
      assertThat(all.top1()).isCloseTo(hits / tokens, within(1e-12));
      assertThat(all.comparison().orElseThrow().kl()).isCloseTo(kl / tokens, within(1e-12));
    }
  }

  @Test
  void lossInBfloat16IsSummedInFloat32() {
    try (var _ = new TensorScope()) {
      // every logit is zero, which bfloat16 holds exactly: the loss is ln 300 to float32's
      // precision
      Decoder model = TinyModel.bigram(new double[300][300], 64, "{}");
      Decoder fast =
          new Decoder(model.architecture(), TinyModel.single(model.weights()), DType.BF16);
      List<TokenSequence> documents =
          List.of(TokenSequence.of(new Random(1).ints(640, 0, 300).toArray()));
      assertThat(of(fast, Optional.empty(), documents, 64).loss())
          .isCloseTo(Math.log(300), within(1e-5));
    }
  }

  @Test
  void nothingToPredictIsRefused() {
    try (var _ = new TensorScope()) {
      Decoder model = TinyModel.bigram(new double[2][2], 8, "{}");
      List<TokenSequence> documents = List.of(TokenSequence.of(1));
      assertThatThrownBy(() -> of(model, Optional.empty(), documents, 8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no token to predict");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny1m", "stories260K", "tinystories656K"})
  void documentsThatFitTheContextArePredictedToTheirLastByte(String name) {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedFiles.model(name))) {
      Documents documents =
          new Documents(List.of("Once upon a time.", "  two\n\nlines", "“é” 中🙂 ok", "x"));
      Evaluation evaluation =
          Evaluation.of(
              model.decoder(), Optional.empty(), model.tokenizer(), documents, 256, _ -> {});
      assertThat(evaluation.bytes()).isEqualTo(bytes(String.join("", documents.texts())));
      assertThat(evaluation.tokens())
          .isEqualTo(
              documents.encode(model.tokenizer()).stream().mapToLong(d -> d.size() - 1L).sum());
    }
  }

  @Test
  void firstTokensOfLaterWindowsAreNotCountedAsPredictedText() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedFiles.model("tiny1m"))) {
      Tokenizer tokenizer = model.tokenizer();
      Documents documents =
          new Documents(
              List.of(
                  "Once upon a time, there was a little girl named Lily. She loved to play outside.",
                  "\"What is it?\" asked Sammy."));
      List<TokenSequence> ids = documents.encode(tokenizer);
      for (int context = 2; context < 45; context++) {
        long expected = 0;
        for (Window window : Windows.cut(ids, context)) {
          // what a token adds to the text of all tokens before it
          for (int place = window.start() + 1; place < window.start() + window.length(); place++) {
            TokenSequence document = ids.get(window.document());
            expected += text(tokenizer, document, place + 1) - text(tokenizer, document, place);
          }
        }
        Evaluation evaluation =
            Evaluation.of(
                model.decoder(), Optional.empty(), tokenizer, documents, context, _ -> {});
        assertThat(evaluation.bytes()).as("context %d", context).isEqualTo(expected);
      }
    }
  }

  private static long text(Tokenizer tokenizer, TokenSequence document, int tokens) {
    int[] ids = Arrays.stream(document.slice(0, tokens)).mapToInt(Math::toIntExact).toArray();
    return bytes(tokenizer.decode(ids));
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
