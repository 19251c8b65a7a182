package io.karipap.model.family;

import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.config.RopeScaling;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * Rotary position embedding (Su et al., "RoFormer", equation 34) in the half-split layout of
 * Hugging Face, with the context extensions "linear", "llama3" and "yarn" (Peng et al., "YaRN",
 * section 3).
 *
 * @param cosine [positions, heads d], the same for every head
 * @param sine [positions, heads d], negative in the first half of every head
 * @param swap [d, d], the permutation that exchanges the halves
 */
record RotaryEmbedding(Tensor cosine, Tensor sine, Tensor swap) {

  /**
   * Tables for {@code count} positions from {@code start}.
   *
   * @param type element type that heads are turned in: F32 or F64
   */
  static RotaryEmbedding of(LlamaConfig config, int start, int count, DType type) {
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
    int heads = Math.max(config.heads(), config.keyValueHeads());
    return new RotaryEmbedding(
        tile(Tensor.of(cosine, count, 2L * half).to(type), heads),
        tile(Tensor.of(sine, count, 2L * half).to(type), heads),
        swap(half).to(type));
  }

  /** The embedding of some {@link #tables}. */
  static RotaryEmbedding of(List<Tensor> tables) {
    return new RotaryEmbedding(tables.get(0), tables.get(1), tables.get(2));
  }

  /** Cosines, sines and permutation. */
  List<Tensor> tables() {
    return List.of(cosine, sine, swap);
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
  static double[] frequencies(LlamaConfig config) {
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
  private static double yarnDimension(double rotations, RopeScaling.Yarn yarn, LlamaConfig config) {
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
   * @return the same shape, in the tables' type
   */
  Tensor turn(Tensor x) {
    int d = swap.size(0);
    // a permutation is exact in any type, so that it is made in the one that products are made in
    Tensor swapped = x.reshape(-1, d).matmul(swap.to(x.dtype())).reshape(x.shape());
    return x.to(cosine.dtype())
        .mul(cosine.narrow(1, 0, x.size(-1)))
        .addProduct(swapped.to(sine.dtype()), sine.narrow(1, 0, x.size(-1)));
  }

  /** A table [positions, d] for all heads: [positions, heads d]. */
  private static Tensor tile(Tensor table, int heads) {
    return table.unsqueeze(1).expand(-1, heads, -1).reshape(table.size(0), -1);
  }
}
