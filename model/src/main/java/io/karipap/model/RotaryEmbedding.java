package io.karipap.model;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.checkpoint.RopeScaling;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * Rotary position embedding (Su et al., "RoFormer", equation 34) in the half-split layout of
 * Hugging Face, with the context extensions "linear", "llama3" and "yarn" (Peng et al., "YaRN",
 * section 3).
 *
 * @param cosine float64 [positions, d / 2]
 * @param sine float64 [positions, d / 2]
 */
record RotaryEmbedding(Tensor cosine, Tensor sine) {

  /** Tables for {@code count} positions from {@code start}. */
  static RotaryEmbedding of(ModelConfig config, int start, int count) {
    double[] frequencies = frequencies(config);
    double scale = attentionScale(config.ropeScaling());
    double[] cosine = new double[Math.multiplyExact(count, frequencies.length)];
    double[] sine = new double[cosine.length];
    for (int i = 0, k = 0; i < count; i++) {
      for (double frequency : frequencies) {
        cosine[k] = Math.cos((start + i) * frequency) * scale;
        sine[k++] = Math.sin((start + i) * frequency) * scale;
      }
    }
    return new RotaryEmbedding(
        Tensor.of(cosine, count, frequencies.length), Tensor.of(sine, count, frequencies.length));
  }

  /** Angles per position, one for each pair of coordinates. */
  static double[] frequencies(ModelConfig config) {
    int d = config.headDimension();
    double[] plain = new double[d / 2];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = Math.pow(config.ropeTheta(), -2.0 * i / d);
    }
    return switch (config.ropeScaling()) {
      case RopeScaling.None() -> plain;
      case RopeScaling.Linear linear -> {
        for (int i = 0; i < plain.length; i++) {
          plain[i] /= linear.factor();
        }
        yield plain;
      }
      case RopeScaling.Llama3 llama3 -> {
        for (int i = 0; i < plain.length; i++) {
          plain[i] = llama3(llama3, plain[i]);
        }
        yield plain;
      }
      case RopeScaling.Yarn yarn -> {
        double low = yarnDimension(yarn.betaFast(), yarn, config);
        double high = yarnDimension(yarn.betaSlow(), yarn, config);
        if (yarn.truncate()) {
          low = Math.floor(low);
          high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, d - 1);
        double width = high == low ? 0.001 : high - low;
        for (int i = 0; i < plain.length; i++) {
          double interpolated = Math.clamp((i - low) / width, 0, 1);
          plain[i] *= 1 - interpolated + interpolated / yarn.factor();
        }
        yield plain;
      }
    };
  }

  private static double llama3(RopeScaling.Llama3 scaling, double frequency) {
    double waves = scaling.originalContext() * frequency / (2 * Math.PI);
    if (waves < scaling.lowFrequencyFactor()) {
      return frequency / scaling.factor();
    }
    if (waves > scaling.highFrequencyFactor()) {
      return frequency;
    }
    double smooth =
        (waves - scaling.lowFrequencyFactor())
            / (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
    return (1 - smooth) * frequency / scaling.factor() + smooth * frequency;
  }

  /** The coordinate pair that turns {@code rotations} times within the original context. */
  private static double yarnDimension(double rotations, RopeScaling.Yarn yarn, ModelConfig config) {
    return config.headDimension()
        * Math.log(yarn.originalContext() / (rotations * 2 * Math.PI))
        / (2 * Math.log(config.ropeTheta()));
  }

  private static double attentionScale(RopeScaling scaling) {
    return scaling instanceof RopeScaling.Yarn yarn ? yarn.attentionFactor() : 1;
  }

  /**
   * Turns x [batch, heads, positions, d].
   *
   * @return the same shape and type
   */
  Tensor turn(Tensor x) {
    int half = x.size(-1) / 2;
    Tensor c = cosine.to(x.dtype());
    Tensor s = sine.to(x.dtype());
    Tensor a = x.narrow(-1, 0, half);
    Tensor b = x.narrow(-1, half, half);
    return Tensor.concatenate(List.of(a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))), -1);
  }
}
