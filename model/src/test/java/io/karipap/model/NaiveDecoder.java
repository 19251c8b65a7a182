package io.karipap.model;

import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.config.RopeScaling;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A LLaMA-family decoder in loops over doubles, one number after the other: written from the papers
 * and from Hugging Face's modeling_llama.py, without anything of the classes under test but the
 * stored numbers.
 */
public final class NaiveDecoder {

  private final LlamaConfig config;
  private final Map<String, double[][]> matrices = new TreeMap<>();
  private final Map<String, double[]> vectors = new TreeMap<>();

  public NaiveDecoder(Architecture architecture, Weights weights) {
    this.config = LlamaConfig.parse(architecture.config().raw(), "test");
    weights.matrices().forEach((name, f) -> matrices.put(name, rows(f.matrix())));
    weights.vectors().forEach((name, v) -> vectors.put(name, v.toDoubles()));
  }

  private static double[][] rows(Tensor matrix) {
    double[] flat = matrix.toDoubles();
    int columns = matrix.size(1);
    double[][] rows = new double[matrix.size(0)][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
    }
    return rows;
  }

  /** Logits [steps][vocabulary]. */
  public double[][] logits(int[] ids) {
    double[][] x = new double[ids.length][];
    for (int t = 0; t < ids.length; t++) {
      x[t] = get(matrices, "model.embed_tokens")[ids[t]].clone();
    }
    for (int layer = 0; layer < config.model().layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      add(x, attention(normed(x, prefix + "input_layernorm.weight"), prefix + "self_attn."));
      add(x, mlp(normed(x, prefix + "post_attention_layernorm.weight"), prefix + "mlp."));
    }
    double[][] last = normed(x, "model.norm.weight");
    String head = config.model().tiedEmbeddings() ? "model.embed_tokens" : "lm_head";
    double[][] logits = new double[ids.length][];
    for (int t = 0; t < ids.length; t++) {
      logits[t] = linear(last[t], head);
    }
    return logits;
  }

  private double[][] attention(double[][] x, String prefix) {
    int steps = x.length;
    int d = config.headDimension();
    int group = config.heads() / config.keyValueHeads();
    double[][] q = new double[steps][];
    double[][] k = new double[steps][];
    double[][] v = new double[steps][];
    for (int t = 0; t < steps; t++) {
      q[t] = rotated(linear(x[t], prefix + "q_proj"), config.heads(), t);
      k[t] = rotated(linear(x[t], prefix + "k_proj"), config.keyValueHeads(), t);
      v[t] = linear(x[t], prefix + "v_proj");
    }
    double[][] result = new double[steps][];
    for (int t = 0; t < steps; t++) {
      double[] joined = new double[config.heads() * d];
      int first = Math.max(0, t + 1 - config.slidingWindow().orElse(steps));
      for (int h = 0; h < config.heads(); h++) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = first; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < d; i++) {
            score += q[t][h * d + i] * k[s][h / group * d + i];
          }
          weights[s] = Math.exp(score / Math.sqrt(d));
          sum += weights[s];
        }
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < d; i++) {
            joined[h * d + i] += weights[s] / sum * v[s][h / group * d + i];
          }
        }
      }
      result[t] = linear(joined, prefix + "o_proj");
    }
    return result;
  }

  /** q cos + rotate_half(q) sin, where rotate_half swaps a head's halves and negates the first. */
  private double[] rotated(double[] x, int heads, int position) {
    int d = config.headDimension();
    double scale = config.ropeScaling() instanceof RopeScaling.Yarn y ? y.attentionFactor() : 1;
    double[] result = new double[x.length];
    for (int h = 0; h < heads; h++) {
      for (int i = 0; i < d; i++) {
        double angle = position * frequency(i % (d / 2));
        double other = i < d / 2 ? -x[h * d + i + d / 2] : x[h * d + i - d / 2];
        result[h * d + i] = scale * (x[h * d + i] * Math.cos(angle) + other * Math.sin(angle));
      }
    }
    return result;
  }

  private double frequency(int pair) {
    double theta = config.ropeTheta();
    double d = config.headDimension();
    double plain = 1 / Math.pow(theta, 2 * pair / d);
    if (config.ropeScaling() instanceof RopeScaling.Linear l) {
      return plain / l.factor();
    }
    if (config.ropeScaling() instanceof RopeScaling.Llama3 l) {
      double wavelength = 2 * Math.PI / plain;
      if (wavelength < l.originalContext() / l.highFrequencyFactor()) {
        return plain;
      }
      if (wavelength > l.originalContext() / l.lowFrequencyFactor()) {
        return plain / l.factor();
      }
      double smooth =
          (l.originalContext() / wavelength - l.lowFrequencyFactor())
              / (l.highFrequencyFactor() - l.lowFrequencyFactor());
      return (1 - smooth) * plain / l.factor() + smooth * plain;
    }
    if (config.ropeScaling() instanceof RopeScaling.Yarn y) {
      double perTurn = y.originalContext() / (2 * Math.PI);
      double low = d * Math.log(perTurn / y.betaFast()) / (2 * Math.log(theta));
      double high = d * Math.log(perTurn / y.betaSlow()) / (2 * Math.log(theta));
      low = Math.max(0, y.truncate() ? Math.floor(low) : low);
      high = Math.min(d - 1, y.truncate() ? Math.ceil(high) : high);
      double ramp = Math.max(0, Math.min(1, (pair - low) / (high - low)));
      return plain / y.factor() * ramp + plain * (1 - ramp);
    }
    return plain;
  }

  private double[][] mlp(double[][] x, String prefix) {
    double[][] result = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] gate = linear(x[t], prefix + "gate_proj");
      double[] up = linear(x[t], prefix + "up_proj");
      for (int i = 0; i < up.length; i++) {
        up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
      }
      result[t] = linear(up, prefix + "down_proj");
    }
    return result;
  }

  private double[][] normed(double[][] x, String name) {
    double[] gain = get(vectors, name);
    double[][] result = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double squares = 0;
      for (double value : x[t]) {
        squares += value * value;
      }
      double rms = Math.sqrt(squares / x[t].length + config.normEpsilon());
      result[t] = new double[x[t].length];
      for (int i = 0; i < x[t].length; i++) {
        result[t][i] = x[t][i] / rms * gain[i];
      }
    }
    return result;
  }

  /** W x, plus the bias if one is stored. */
  private double[] linear(double[] x, String name) {
    double[][] matrix = get(matrices, name);
    double[] y = vectors.getOrDefault(name + ".bias", new double[matrix.length]).clone();
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += matrix[i][j] * x[j];
      }
    }
    return y;
  }

  private static <T> T get(Map<String, T> map, String name) {
    T value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return value;
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }
}
