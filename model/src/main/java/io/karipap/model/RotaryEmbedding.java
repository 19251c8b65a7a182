package io.karipap.model;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.checkpoint.RopeScaling;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * Rotary position embedding (Su et al., "RoFormer", equation 34) in the half-split layout of
 * Hugging Face, with the context extensions "linear", "llama3" and "yarn" (Peng et al., "YaRN",
 * section 3).
 *
 * @param cosine float64 [positions, d]
 * @param sine float64 [positions, d], negative in the first half
 * @param swap [d, d], the permutation that exchanges the halves
 */
record RotaryEmbedding(Tensor cosine, Tensor sine, Tensor swap) {

  /** Tables for {@code count} positions from {@code start}. */
  static RotaryEmbedding of(ModelConfig config, int start, int count) {
    double[] frequencies = frequencies(config);
    double scale = attentionScale(config.ropeScaling());
    int half = frequencies.length;
    double[] cosine = new double[Math.multiplyExact(count, 2 * half)];
    double[] sine = new double[cosine.length];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < half; j++) {
        int k = 2 * half * i + j;
        cosine[k] = Math.cos((start + i) * frequencies[j]) * scale;
        cosine[k + half] = cosine[k];
        sine[k + half] = Math.sin((start + i) * frequencies[j]) * scale;
        sine[k] = -sine[k + half];
      }
    }
    return new RotaryEmbedding(
        Tensor.of(cosine, count, 2L * half), Tensor.of(sine, count, 2L * half), swap(half));
  }

  private static Tensor swap(int half) {
    Tensor one = Tensor.eye(DType.F64, half);
    Tensor zero = one.zerosLike();
    return Tensor.concatenate(
        List.of(
            Tensor.concatenate(List.of(zero, one), 1), Tensor.concatenate(List.of(one, zero), 1)),
        0);
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
   * Turns the heads of x [batch, positions, heads d], before they are taken apart: on whole rows
   * the products are several times faster than on halves of heads.
   *
   * @return the same shape and type
   */
  Tensor turn(Tensor x) {
    int d = swap.size(0);
    Tensor swapped = x.reshape(-1, d).matmul(swap.to(x.dtype())).reshape(x.shape());
    long heads = x.size(-1) / d;
    return x.mul(tile(cosine, heads).to(x.dtype()))
        .add(swapped.mul(tile(sine, heads).to(x.dtype())));
  }

  /** A table [positions, d] for all heads: [positions, heads d]. */
  private static Tensor tile(Tensor table, long heads) {
    return table.unsqueeze(1).expand(-1, heads, -1).reshape(table.size(0), -1);
  }
}
