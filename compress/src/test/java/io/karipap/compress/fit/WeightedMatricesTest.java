package io.karipap.compress.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.TinyLlama;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.io.WeightsInMemory;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Metrics against second differences of the KL divergence.
 *
 * <p>All texts consist of single tokens, each a window of its own, so that no error meets another
 * in attention. Where a text has only one token, inputs and gradients cannot depend on each other:
 * then the metric in nats is exact, but for the labels that are drawn (two percent) and for what it
 * adds to see directions that the text does not.
 */
class WeightedMatricesTest {

  private static final int WIDTH = 6;
  private static final int NEURONS = 10;
  private static final int VOCABULARY = 17;

  /** Weight of a token that does not occur, as a share of the mean weight, as documented. */
  private static final double UNSEEN = 0.1;

  /** Draws of labels for every token of a text. */
  private static final int DRAWS = 10_000;

  private static final double SAMPLING = 0.06;

  /** A model, and a text of some of its tokens. */
  private record Case(Architecture architecture, Weights weights, List<Integer> text) {

    static Case of(boolean tied, Integer... text) {
      Architecture architecture = TinyLlama.architecture(WIDTH, NEURONS, tied);
      return new Case(architecture, TinyLlama.weights(architecture, DType.F64, 3), List.of(text));
    }

    Decoder model() {
      return new Decoder(architecture, weights, DType.F64);
    }

    Tensor w(String name) {
      return weights.matrix(name).matrix();
    }

    void withMetrics(boolean gradients, Consumer<WeightedMatrices> test) {
      List<TokenSequence> documents = text.stream().map(id -> TokenSequence.of(id)).toList();
      List<Window> once = new ArrayList<>();
      List<Window> often = new ArrayList<>();
      for (int document = 0; document < documents.size(); document++) {
        once.add(new Window(document, 0, 1));
        often.addAll(Collections.nCopies(DRAWS / documents.size(), new Window(document, 0, 1)));
      }
      CalibrationStatistics inputs =
          CalibrationStatistics.collect(model(), documents, once, _ -> {});
      Optional<GradientStatistics> outputs =
          gradients
              ? Optional.of(GradientStatistics.collect(model(), documents, often, 5, _ -> {}))
              : Optional.empty();
      try (var matrices =
          new WeightedMatrices(
              new WeightsInMemory(architecture, weights), new Calibration(inputs, outputs))) {
        test.accept(matrices);
      }
    }

    /**
     * Half the second derivative of the mean KL divergence from the original, by changes of a
     * matrix in a direction. A tied table is changed in its lookups or as a head, not in both: that
     * the two meet is neglected by the metric.
     */
    double curvature(String matrix, Tensor direction) {
      double step = 1e-3;
      double sum = divergence(matrix, direction.mul(step));
      sum += divergence(matrix, direction.mul(-step));
      return sum / (2 * step * step);
    }

    private double divergence(String matrix, Tensor change) {
      double sum = 0;
      Map<String, Factorization> changed = Map.of(matrix, new Dense(w(matrix).add(change)));
      Decoder moved = new Decoder(architecture, weights.with(changed), DType.F64);
      for (int id : text) {
        try (var _ = new TensorScope()) {
          Tensor ids = Tensor.of(new long[] {id}, 1, 1);
          Tensor before = Functions.logSoftmax(model().logits(ids));
          Tensor after = Functions.logSoftmax(moved.logits(ids));
          sum += before.exp().mul(before.sub(after)).sum().item();
        }
      }
      return sum / text.size();
    }

    /** Zeros but for one row. */
    Tensor row(int token, Tensor row) {
      Tensor unit = Tensor.eye(DType.F64, VOCABULARY).select(1, token).unsqueeze(1);
      return unit.matmul(row.reshape(1, WIDTH));
    }
  }

  private static Tensor direction(int seed, int... shape) {
    return new RandomTensors(seed).normal(DType.F64, Arrays.stream(shape).asLongStream().toArray());
  }

  /** What the metric estimates that a change loses, in nats per token. */
  private static double estimate(WeightedMatrix metric, Tensor change) {
    return metric.with(change).energy();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Every row by itself: those of tokens that do not occur weigh a tenth of the mean. */
  @Test
  void aRowOfTheEmbeddingsWeighsWhatTheDivergenceSays() {
    try (var _ = new TensorScope()) {
      Case one = Case.of(false, 4);
      Tensor v = direction(1, WIDTH);
      double seen = one.curvature(TinyLlama.EMBEDDINGS, one.row(4, v));
      assertThat(one.curvature(TinyLlama.EMBEDDINGS, one.row(5, v))).isZero();
      one.withMetrics(
          true,
          matrices -> {
            WeightedMatrix metric = matrices.inNats(TinyLlama.EMBEDDINGS);
            double least = UNSEEN / VOCABULARY * seen;
            assertThat(estimate(metric, one.row(4, v)) / (seen + least))
                .isCloseTo(1, within(SAMPLING));
            assertThat(estimate(metric, one.row(5, v)) / least).isCloseTo(1, within(SAMPLING));
          });
    }
  }

  /**
   * The same change of all rows: with several tokens, the sum over rows is what the metric keeps.
   * How often each row is used is checked by counting.
   */
  @Test
  void rowsOfTheEmbeddingsWeighAsOftenAsTheirTokensOccur() {
    try (var _ = new TensorScope()) {
      Case text = Case.of(false, 4, 4, 7, 4, 9);
      Tensor v = direction(2, WIDTH);
      Tensor all = Tensor.full(1, DType.F64, VOCABULARY, 1).matmul(v.reshape(1, WIDTH));
      double measured = text.curvature(TinyLlama.EMBEDDINGS, all);
      text.withMetrics(
          true,
          matrices -> {
            WeightedMatrix metric = matrices.inNats(TinyLlama.EMBEDDINGS);
            double whole = estimate(metric, all);
            assertThat(whole / measured).isCloseTo(1 + UNSEEN, within(SAMPLING));
            for (int token = 0; token < VOCABULARY; token++) {
              double count = Collections.frequency(text.text(), token) / 5.0;
              assertThat(estimate(metric, text.row(token, v)) / whole)
                  .isCloseTo((count + UNSEEN / VOCABULARY) / (1 + UNSEEN), within(1e-9));
            }
          });
    }
  }

  /** Row by row: the metric neglects what connects the logits. */
  @Test
  void aRowOfTheHeadWeighsWhatTheDivergenceSays() {
    try (var _ = new TensorScope()) {
      Case one = Case.of(false, 4);
      Tensor v = direction(3, WIDTH);
      double[] rows = new double[VOCABULARY];
      Arrays.setAll(rows, token -> one.curvature(TinyLlama.HEAD, one.row(token, v)));
      one.withMetrics(
          true,
          matrices -> {
            WeightedMatrix metric = matrices.inNats(TinyLlama.HEAD);
            for (int token = 0; token < VOCABULARY; token++) {
              double expected = rows[token] + UNSEEN * mean(rows);
              assertThat(estimate(metric, one.row(token, v)) / expected).isCloseTo(1, within(1e-4));
            }
          });
    }
  }

  /**
   * A tied table is both: summed over the rows, or over the elements of a row, it loses what
   * lookups and head lose, each measured in a model that is not tied and has the same numbers.
   */
  @Test
  void aTiedTableLosesWhatItsLookupsAndItsHeadLose() {
    try (var _ = new TensorScope()) {
      Case tied = Case.of(true, 4);
      Case untied = untied(tied);
      Tensor v = direction(4, WIDTH);
      tied.withMetrics(
          true,
          matrices -> {
            WeightedMatrix metric = matrices.inNats(TinyLlama.EMBEDDINGS);
            double estimated = 0;
            double measured = 0;
            for (int token = 0; token < VOCABULARY; token++) {
              estimated += estimate(metric, tied.row(token, v));
              measured += untied.curvature(TinyLlama.EMBEDDINGS, tied.row(token, v));
              measured += untied.curvature(TinyLlama.HEAD, tied.row(token, v));
            }
            assertThat(estimated / ((1 + UNSEEN) * measured)).isCloseTo(1, within(SAMPLING));

            double[] lookups = new double[VOCABULARY];
            double[] heads = new double[VOCABULARY];
            double[] both = new double[VOCABULARY];
            for (int token = 0; token < VOCABULARY; token++) {
              for (int i = 0; i < WIDTH; i++) {
                Tensor element = tied.row(token, Tensor.eye(DType.F64, WIDTH).select(0, i));
                lookups[token] += untied.curvature(TinyLlama.EMBEDDINGS, element);
                heads[token] += untied.curvature(TinyLlama.HEAD, element);
                both[token] += estimate(metric, element);
              }
            }
            for (int token = 0; token < VOCABULARY; token++) {
              double expected =
                  lookups[token] + heads[token] + UNSEEN * (mean(lookups) + mean(heads));
              assertThat(both[token] / expected).isCloseTo(1, within(SAMPLING));
            }
          });
    }
  }

  /** The same numbers, with a head of its own. */
  private static Case untied(Case tied) {
    Architecture architecture = TinyLlama.architecture(WIDTH, NEURONS, false);
    Map<String, Factorization> head =
        Map.of(TinyLlama.HEAD, tied.weights().matrix(TinyLlama.EMBEDDINGS));
    return new Case(architecture, tied.weights().with(head), tied.text());
  }

  /** With one percent of the mean eigenvalue of G for directions that the text does not see. */
  @ParameterizedTest
  @ValueSource(strings = {"self_attn.v_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj"})
  void aMatrixOfABlockWeighsWhatTheDivergenceSays(String family) {
    try (var _ = new TensorScope()) {
      Case one = Case.of(false, 4);
      String name = "model.layers.0." + family;
      Tensor d = direction(5, one.w(name).size(0), one.w(name).size(1));
      double measured = one.curvature(name, d);
      one.withMetrics(
          true,
          matrices -> {
            WeightedMatrix metric = matrices.inNats(name);
            Tensor g = metric.metric().output().orElseThrow().matrix();
            // a ridge of 0.01 of the mean was added: its trace is 1.01 that of G
            double ridge = 0.01 / 1.01 * g.diagonal().mean().item();
            Tensor c = metric.metric().covariance();
            double added = 0.5 * ridge * d.matmul(c).mul(d).sum().item();
            assertThat((estimate(metric, d) - added) / measured).isCloseTo(1, within(SAMPLING));
          });
    }
  }

  /** The mean of |D x|^2, from the layer's outputs before and after. */
  @ParameterizedTest
  @ValueSource(
      strings = {"model.layers.0.self_attn.k_proj", "model.layers.0.mlp.gate_proj", "lm_head"})
  void theCalibrationMetricIsTheMeanChangeOfTheOutput(String name) {
    try (var _ = new TensorScope()) {
      Case text = Case.of(false, 4, 4, 7, 4, 9);
      Tensor d = direction(6, text.w(name).size(0), text.w(name).size(1));
      double before = outputs(text, text.weights(), name);
      Map<String, Factorization> alone = Map.of(name, new Dense(d));
      double changed = outputs(text, text.weights().with(alone), name);
      text.withMetrics(
          false,
          matrices -> {
            WeightedMatrix metric = matrices.calibrated(name);
            assertThat(metric.rows()).isEmpty();
            assertThat(2 * estimate(metric, d)).isCloseTo(changed, within(1e-9 * changed));
            assertThat(metric.squaredError(text.w(name).add(d)))
                .isCloseTo(changed / before, within(1e-9));
          });
    }
  }

  /** Mean of |y|^2 of a layer. */
  private static double outputs(Case text, Weights weights, String layer) {
    double sum = 0;
    Decoder model = new Decoder(text.architecture(), weights, DType.F64);
    for (int id : text.text()) {
      double[] square = new double[1];
      var _ = model.logits(Tensor.of(new long[] {id}, 1, 1), observing(layer, square));
      sum += square[0];
    }
    return sum / text.text().size();
  }

  private static ActivationObserver observing(String layer, double[] square) {
    return new ActivationObserver() {
      @Override
      public void input(List<String> layers, Tensor x) {}

      @Override
      public void output(String name, Tensor y) {
        if (name.equals(layer)) {
          square[0] += y.square().sum().item();
        }
      }
    };
  }

  /** An error of a row counts as often as its token is looked up. */
  @Test
  void theCalibrationMetricOfEmbeddingsCountsTokens() {
    try (var _ = new TensorScope()) {
      Case text = Case.of(false, 4, 4, 7, 4, 9);
      Tensor d = direction(7, VOCABULARY, WIDTH);
      double[] w = text.w(TinyLlama.EMBEDDINGS).toDoubles();
      double[] change = d.toDoubles();
      double lost = 0;
      double all = 0;
      for (int k = 0; k < w.length; k++) {
        double weight = Collections.frequency(text.text(), k / WIDTH) / 5.0 + UNSEEN / VOCABULARY;
        lost += weight * change[k] * change[k];
        all += weight * w[k] * w[k];
      }
      double expected = lost / all;
      text.withMetrics(
          false,
          matrices -> {
            WeightedMatrix metric = matrices.decisive(TinyLlama.EMBEDDINGS);
            assertThat(metric.squaredError(text.w(TinyLlama.EMBEDDINGS).add(d)))
                .isCloseTo(expected, within(1e-9));
          });
    }
  }

  /** Half by the lookups and half by the head's C, each of trace d: the formula, in loops. */
  @Test
  void theCalibrationMetricOfATiedTableIsHalfLookupsAndHalfHead() {
    try (var _ = new TensorScope()) {
      Case text = Case.of(true, 4, 4, 7, 4, 9);
      double[][] c = new double[WIDTH][WIDTH];
      double trace = 0;
      for (int id : text.text()) {
        double[] x = text.model().hidden(Tensor.of(new long[] {id}, 1, 1)).getLast().toDoubles();
        for (int i = 0; i < WIDTH; i++) {
          for (int j = 0; j < WIDTH; j++) {
            c[i][j] += x[i] * x[j];
          }
          trace += x[i] * x[i];
        }
      }
      Tensor d = direction(8, VOCABULARY, WIDTH);
      double expected =
          tied(d.toDoubles(), c, trace, text.text())
              / tied(text.w(TinyLlama.EMBEDDINGS).toDoubles(), c, trace, text.text());
      text.withMetrics(
          false,
          matrices ->
              assertThat(
                      matrices
                          .calibrated(TinyLlama.EMBEDDINGS)
                          .squaredError(text.w(TinyLlama.EMBEDDINGS).add(d)))
                  .isCloseTo(expected, within(1e-9)));
    }
  }

  private static double tied(double[] a, double[][] c, double trace, List<Integer> text) {
    double sum = 0;
    for (int token = 0; token < VOCABULARY; token++) {
      double weight =
          (double) Collections.frequency(text, token) / text.size() + UNSEEN / VOCABULARY;
      for (int i = 0; i < WIDTH; i++) {
        for (int j = 0; j < WIDTH; j++) {
          double metric = (i == j ? 1 : 0) + WIDTH / trace * c[i][j];
          sum += weight * a[token * WIDTH + i] * metric * a[token * WIDTH + j];
        }
      }
    }
    return sum;
  }
}
