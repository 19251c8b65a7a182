package io.karipap.sketch;

import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** A sketch model's folder, and its logits in loops over the numbers of the file. */
final class SketchFiles {

  static final int WIDTH = 24;
  static final int HEADS = 3;
  static final int NEURONS = 40;
  static final int VOCABULARY = 512;
  static final int CONTEXT = 32;
  static final int BLOCKS = 2;

  private static final String CONFIG =
      """
      {"architectures": ["SketchLMHeadModel"], "model_type": "sketch", "n_embd": %d, "n_head": %d,
       "n_inner": %d, "n_layer": %d, "vocab_size": %d, "n_positions": %d, "eos_token_id": 2}
      """
          .formatted(WIDTH, HEADS, NEURONS, BLOCKS, VOCABULARY, CONTEXT);

  private final Map<String, double[]> numbers = new LinkedHashMap<>();

  /** Writes a model of random numbers, none of them trivial. */
  static SketchFiles write(Path folder) {
    SketchFiles files = new SketchFiles();
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(7);
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("wte.weight", random.normal(DType.F32, VOCABULARY, WIDTH));
      tensors.put("wpe.weight", random.normal(DType.F32, CONTEXT, WIDTH).mul(0.5));
      for (int i = 0; i < BLOCKS; i++) {
        String prefix = "h." + i + ".";
        norm(tensors, prefix + "ln_1", random);
        linear(tensors, prefix + "attn.c_attn", WIDTH, 3 * WIDTH, random);
        linear(tensors, prefix + "attn.c_proj", WIDTH, WIDTH, random);
        norm(tensors, prefix + "ln_2", random);
        linear(tensors, prefix + "mlp.c_fc", WIDTH, NEURONS, random);
        linear(tensors, prefix + "mlp.c_proj", NEURONS, WIDTH, random);
      }
      norm(tensors, "ln_f", random);
      SharedFiles.copy(SharedFiles.STORIES, folder);
      Files.writeString(folder.resolve("config.json"), CONFIG);
      var infos =
          tensors.entrySet().stream()
              .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
              .toList();
      Path file = folder.resolve("model.safetensors");
      try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
      tensors.forEach((name, t) -> files.numbers.put(name, t.toDoubles()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  private static void norm(Map<String, Tensor> tensors, String name, RandomTensors random) {
    tensors.put(name + ".weight", random.normal(DType.F32, WIDTH).mul(0.3).add(1));
    tensors.put(name + ".bias", random.normal(DType.F32, WIDTH).mul(0.3));
  }

  private static void linear(
      Map<String, Tensor> tensors, String name, int inputs, int outputs, RandomTensors random) {
    Tensor weight = random.normal(DType.F32, inputs, outputs).mul(1 / Math.sqrt(inputs));
    tensors.put(name + ".weight", weight);
    tensors.put(name + ".bias", random.normal(DType.F32, outputs).mul(0.3));
  }

  /** Logits [steps][vocabulary]. */
  double[][] logits(int... ids) {
    double[][] x = new double[ids.length][WIDTH];
    for (int t = 0; t < ids.length; t++) {
      for (int i = 0; i < WIDTH; i++) {
        x[t][i] = number("wte.weight", ids[t] * WIDTH + i) + number("wpe.weight", t * WIDTH + i);
      }
    }
    for (int block = 0; block < BLOCKS; block++) {
      String prefix = "h." + block + ".";
      double[][] fused = applied(normed(x, prefix + "ln_1"), prefix + "attn.c_attn", 3 * WIDTH);
      add(x, applied(mixed(fused), prefix + "attn.c_proj", WIDTH));
      double[][] hidden = applied(normed(x, prefix + "ln_2"), prefix + "mlp.c_fc", NEURONS);
      for (double[] row : hidden) {
        for (int i = 0; i < NEURONS; i++) {
          row[i] /= 1 + Math.exp(-row[i]);
        }
      }
      add(x, applied(hidden, prefix + "mlp.c_proj", WIDTH));
    }
    double[][] last = normed(x, "ln_f");
    double[][] logits = new double[ids.length][VOCABULARY];
    for (int t = 0; t < ids.length; t++) {
      for (int token = 0; token < VOCABULARY; token++) {
        for (int i = 0; i < WIDTH; i++) {
          logits[t][token] += last[t][i] * number("wte.weight", token * WIDTH + i);
        }
      }
    }
    return logits;
  }

  /** Causal attention over rows [queries, keys, values]. */
  private static double[][] mixed(double[][] fused) {
    int width = WIDTH / HEADS;
    double[][] mixed = new double[fused.length][WIDTH];
    for (int head = 0; head < HEADS; head++) {
      int at = head * width;
      for (int t = 0; t < fused.length; t++) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < width; i++) {
            score += fused[t][at + i] * fused[s][WIDTH + at + i];
          }
          weights[s] = Math.exp(score / Math.sqrt(width));
          sum += weights[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            mixed[t][at + i] += weights[s] / sum * fused[s][2 * WIDTH + at + i];
          }
        }
      }
    }
    return mixed;
  }

  private double[][] normed(double[][] x, String name) {
    double[][] normed = new double[x.length][WIDTH];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      double square = 0;
      for (double value : x[t]) {
        mean += value / WIDTH;
        square += value * value / WIDTH;
      }
      double deviation = Math.sqrt(square - mean * mean + 1e-5);
      for (int i = 0; i < WIDTH; i++) {
        double gain = number(name + ".weight", i);
        normed[t][i] = (x[t][i] - mean) / deviation * gain + number(name + ".bias", i);
      }
    }
    return normed;
  }

  /** x W + b with W [inputs, outputs], as the file has it. */
  private double[][] applied(double[][] x, String name, int outputs) {
    double[][] y = new double[x.length][outputs];
    for (int t = 0; t < x.length; t++) {
      for (int j = 0; j < outputs; j++) {
        y[t][j] = number(name + ".bias", j);
        for (int i = 0; i < x[t].length; i++) {
          y[t][j] += x[t][i] * number(name + ".weight", i * outputs + j);
        }
      }
    }
    return y;
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }

  private double number(String tensor, int index) {
    return java.util.Objects.requireNonNull(numbers.get(tensor))[index];
  }
}
