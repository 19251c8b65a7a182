package io.karipap.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.model.TinyModel;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import org.junit.jupiter.api.Test;

/**
 * Numbers from NumPy, float64, by the formulas of Hugging Face's modeling_rope_utils.py that stand
 * above them.
 */
class RotaryEmbeddingTest {

  @Test
  void plainFrequenciesArePowersOfTheBase() {
    // base^(-2 i / d): 10000^0, 10000^(-1/4), ...
    check(frequencies("{'rope_theta': 10000.0, 'head_dim': 8}"), 1, 0.1, 0.01, 0.001);
  }

  @Test
  void linearScalingDividesEveryFrequency() {
    check(
        frequencies(
            "{'rope_theta': 10000.0, 'head_dim': 8, 'rope_scaling': {'type': 'linear', 'factor': 4.0}}"),
        0.25,
        0.025,
        0.0025,
        0.00025);
  }

  @Test
  void llama3ScalingIsThePublishedOne() {
    // f if 2 pi / f < old / high; f / factor if 2 pi / f > old / low; else, with s = (old f / 2 pi
    // - low) / (high - low),
    // (1 - s) f / factor + s f. Here old 8192, factor 8, low 1, high 4, base 500000.
    String scaling =
        """
        {'rope_theta': 500000.0, 'head_dim': %d, 'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0,
         'low_freq_factor': 1.0, 'high_freq_factor': 4.0, 'original_max_position_embeddings': 8192}}
        """;
    check(
        frequencies(scaling.formatted(16)),
        1.0,
        0.19392274474868576,
        0.03760603093086393,
        0.0072926647372171085,
        0.0005248461609929547,
        3.428102195952591e-05,
        6.647869871181236e-06,
        1.2891731721515574e-06);
    double[] llama = frequencies(scaling.formatted(128));
    check(
        new double[] {llama[28], llama[29], llama[30], llama[32], llama[34], llama[35], llama[63]},
        0.0032114459947525913,
        0.002166570763503359,
        0.0013718935677611381,
        0.0005248461609929547,
        0.00017850781276799638,
        9.556212353964683e-05,
        3.068925988914511e-07);
  }

  @Test
  void yarnScalingIsThePublishedOne() {
    // low, high = d ln(old / (2 pi beta)) / (2 ln base) for beta 32 and 1, rounded outwards if
    // truncated;
    // ramp = clip((i - low) / (high - low), 0, 1); f / factor * ramp + f * (1 - ramp)
    String scaling =
        """
        {'rope_theta': 10000.0, 'head_dim': 16, 'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0,
         'original_max_position_embeddings': 4096, 'truncate': %s}}
        """;
    check(
        frequencies(scaling.formatted("true")),
        1.0,
        0.31622776601683794,
        0.1,
        0.02569350598886808,
        0.00625,
        0.0013834964763236662,
        0.00025,
        7.905694150420948e-05);
    check(
        frequencies(scaling.formatted("false")),
        1.0,
        0.31622776601683794,
        0.1,
        0.02861360881198889,
        0.006556971521129435,
        0.0012856320307266882,
        0.00025,
        7.905694150420948e-05);
    double[] qwen =
        frequencies(
            """
            {'rope_theta': 1000000.0, 'head_dim': 128, 'rope_scaling': {'type': 'yarn', 'factor': 4.0,
             'original_max_position_embeddings': 32768}}
            """);
    check(
        new double[] {qwen[23], qwen[24], qwen[30], qwen[39], qwen[40], qwen[63]},
        0.006978305848598663,
        0.005375321490790102,
        0.0010643609812470017,
        6.490394320837029e-05,
        4.445698525097307e-05,
        3.102344401879299e-07);
  }

  @Test
  void yarnScalesQueriesAndKeysByItsAttentionFactor() {
    try (var _ = new TensorScope()) {
      // 0.1 ln 4 + 1
      double[] cosines =
          RotaryEmbedding.of(
                  TinyModel.config(
                      "{'rope_scaling': {'rope_type': 'yarn', 'factor': 4.0,"
                          + " 'original_max_position_embeddings': 6}}"),
                  0,
                  1,
                  DType.F64)
              .cosine()
              .toDoubles();
      assertThat(cosines).containsOnly(1.138629436111989);
    }
  }

  @Test
  void turnsPairsHalfAHeadApartByThePositionsAngle() {
    try (var _ = new TensorScope()) {
      // one pair, frequency 1: (1, 0) becomes (cos p, sin p), (0, 1) becomes (-sin p, cos p)
      LlamaConfig config = TinyModel.config("{'head_dim': 2}");
      Tensor x = Tensor.of(new double[] {1, 0, 0, 1}, 1, 1, 4);
      assertThat(RotaryEmbedding.of(config, 3, 1, DType.F64).turn(x).toDoubles())
          .containsExactly(
              new double[] {Math.cos(3), Math.sin(3), -Math.sin(3), Math.cos(3)}, within(1e-15));
    }
  }

  @Test
  void productsOfQueriesAndKeysDependOnTheDistanceOnly() {
    try (var _ = new TensorScope()) {
      LlamaConfig config = TinyModel.config("{'head_dim': 6}");
      RandomTensors random = new RandomTensors(1);
      Tensor q = random.normal(DType.F64, 1, 1, 6);
      Tensor k = random.normal(DType.F64, 1, 1, 6);
      double near = product(config, q, 7, k, 2);
      assertThat(product(config, q, 20, k, 15)).isCloseTo(near, within(1e-12));
      assertThat(product(config, q, 8, k, 2)).isNotCloseTo(near, within(1e-3));
    }
  }

  private static double product(LlamaConfig config, Tensor q, int i, Tensor k, int j) {
    return RotaryEmbedding.of(config, i, 1, DType.F64)
        .turn(q)
        .mul(RotaryEmbedding.of(config, j, 1, DType.F64).turn(k))
        .sum()
        .item();
  }

  private static double[] frequencies(String overrides) {
    return RotaryEmbedding.frequencies(TinyModel.config(overrides));
  }

  private static void check(double[] actual, double... expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i] / expected[i]).as("frequency %d", i).isCloseTo(1, within(1e-13));
    }
  }
}
