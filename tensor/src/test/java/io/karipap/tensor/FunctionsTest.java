package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions against their formulas in plain Java. */
class FunctionsTest {

  private static final double EXACT = 1e-12;

  @Test
  void linearMultipliesByTheTransposeAndAddsTheBias() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {1, 2}, 1, 2);
      Tensor w = Tensor.of(new double[] {1, 0, 0, 1, 3, -1}, 3, 2);
      Tensor b = Tensor.of(new double[] {10, 20, 30}, 3);
      assertThat(Functions.linear(x, w, Optional.empty()).toDoubles()).containsExactly(1, 2, 1);
      assertThat(Functions.linear(x, w, Optional.of(b)).toDoubles()).containsExactly(11, 22, 31);
    }
  }

  @Test
  void embeddingPicksRows() {
    try (var _ = new TensorScope()) {
      Tensor table = Tensor.of(new double[] {0, 1, 10, 11, 20, 21}, 3, 2);
      Tensor rows = Functions.embedding(table, Tensor.of(new long[] {2, 0}, 1, 2));
      assertThat(rows.shape()).containsExactly(1, 2, 2);
      assertThat(rows.toDoubles()).containsExactly(20, 21, 0, 1);
    }
  }

  @Test
  void embeddingRefusesAnIdOutsideOfTheTable() {
    try (var _ = new TensorScope()) {
      Tensor table = Tensor.zeros(DType.F32, 3, 2);
      assertThatThrownBy(() -> Functions.embedding(table, Tensor.of(new long[] {3}, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("embedding of [3, 2] F32 and [1] I64");
    }
  }

  @Test
  void siluIsXTimesItsSigmoid() {
    try (var _ = new TensorScope()) {
      double[] x = {-30, -1, 0, 0.5, 30};
      double[] y = Functions.silu(Tensor.of(x, x.length)).toDoubles();
      for (int i = 0; i < x.length; i++) {
        assertThat(y[i]).isCloseTo(x[i] / (1 + Math.exp(-x[i])), within(EXACT));
      }
    }
  }

  @Test
  void softmaxIsStableForLargeLogits() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {1000, 1000 + Math.log(3)}, 2);
      assertThat(Functions.softmax(x).toDoubles())
          .containsExactly(new double[] {0.25, 0.75}, within(1e-11));
      assertThat(Functions.logSoftmax(x).toDoubles())
          .containsExactly(new double[] {Math.log(0.25), Math.log(0.75)}, within(1e-11));
    }
  }

  @Test
  void crossEntropyIsTheMeanNegativeLogLikelihood() {
    try (var _ = new TensorScope()) {
      Tensor logits = new RandomTensors(1).normal(DType.F64, 3, 4);
      long[] targets = {3, 0, 2};
      double[] x = logits.toDoubles();
      double expected = 0;
      for (int row = 0; row < 3; row++) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
          sum += Math.exp(x[4 * row + i]);
        }
        expected -= Math.log(Math.exp(x[4 * row + (int) targets[row]]) / sum) / 3;
      }
      double loss = Functions.crossEntropy(logits, Tensor.of(targets, 3)).item();
      assertThat(loss).isCloseTo(expected, within(EXACT));
    }
  }

  @Test
  void crossEntropyRefusesATargetOutsideOfTheVocabulary() {
    try (var _ = new TensorScope()) {
      Tensor logits = Tensor.zeros(DType.F64, 1, 4);
      assertThatThrownBy(() -> Functions.crossEntropy(logits, Tensor.of(new long[] {4}, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("crossEntropy of [1, 4] F64 and [1] I64");
    }
  }

  @ParameterizedTest
  @CsvSource({"4,4,5,false", "4,4,5,true", "4,2,5,false", "6,2,5,true", "4,1,1,true"})
  void attentionEqualsItsFormula(int heads, int keyHeads, int length, boolean causal) {
    int batch = 2;
    int d = 3;
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(2);
      Tensor q = random.normal(DType.F64, batch, heads, length, d);
      Tensor k = random.normal(DType.F64, batch, keyHeads, length, d);
      Tensor v = random.normal(DType.F64, batch, keyHeads, length, d);
      double[] actual = Functions.attention(q, k, v, causal).toDoubles();
      double[] qs = q.toDoubles();
      double[] ks = k.toDoubles();
      double[] vs = v.toDoubles();
      int at = 0;
      for (int b = 0; b < batch; b++) {
        for (int h = 0; h < heads; h++) {
          int keyHead = b * keyHeads + h / (heads / keyHeads);
          for (int i = 0; i < length; i++) {
            int query = ((b * heads + h) * length + i) * d;
            double[] row =
                attend(qs, query, ks, vs, keyHead * length * d, causal ? i + 1 : length, d);
            for (int c = 0; c < d; c++) {
              assertThat(actual[at++]).isCloseTo(row[c], within(EXACT));
            }
          }
        }
      }
    }
  }

  /** softmax(q K^T / sqrt(d)) V for one query over the first keys of one head. */
  private static double[] attend(
      double[] q, int query, double[] k, double[] v, int head, int keys, int d) {
    double[] result = new double[d];
    double sum = 0;
    for (int j = 0; j < keys; j++) {
      double score = 0;
      for (int c = 0; c < d; c++) {
        score += q[query + c] * k[head + j * d + c];
      }
      double weight = Math.exp(score / Math.sqrt(d));
      sum += weight;
      for (int c = 0; c < d; c++) {
        result[c] += weight * v[head + j * d + c];
      }
    }
    for (int c = 0; c < d; c++) {
      result[c] /= sum;
    }
    return result;
  }

  @Test
  void aMaskIsAddedToTheScores() {
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(3);
      Tensor q = random.normal(DType.F64, 1, 2, 4, 3);
      Tensor k = random.normal(DType.F64, 1, 2, 4, 3);
      Tensor v = random.normal(DType.F64, 1, 2, 4, 3);
      double none = Double.NEGATIVE_INFINITY;
      Tensor mask =
          Tensor.of(
              new double[] {0, none, none, none, 0, 0, none, none, 0, 0, 0, none, 0, 0, 0, 0},
              4,
              4);
      assertThat(Functions.attention(q, k, v, mask).toDoubles())
          .containsExactly(Functions.attention(q, k, v, true).toDoubles(), within(EXACT));
    }
  }
}
