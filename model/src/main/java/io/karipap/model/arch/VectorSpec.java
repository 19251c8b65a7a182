package io.karipap.model.arch;

import io.karipap.checkpoint.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A norm gain or bias that an architecture has.
 *
 * @param name full Hugging Face name
 * @param size number of elements
 */
public record VectorSpec(String name, int size) {

  /** All vectors in the order of the forward pass. */
  public static List<VectorSpec> all(ModelConfig config) {
    int d = config.hiddenSize();
    List<VectorSpec> all = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      all.add(new VectorSpec("model.layers." + i + ".input_layernorm.weight", d));
      all.add(new VectorSpec("model.layers." + i + ".post_attention_layernorm.weight", d));
    }
    all.add(new VectorSpec("model.norm.weight", d));
    for (MatrixSpec matrix : MatrixSpec.all(config)) {
      if (isBiased(matrix, config)) {
        all.add(new VectorSpec(matrix.name() + ".bias", matrix.rows()));
      }
    }
    return all;
  }

  private static boolean isBiased(MatrixSpec matrix, ModelConfig config) {
    return switch (matrix.family()) {
      case "q_proj", "k_proj", "v_proj" -> config.attentionBias();
      case "o_proj" -> config.attentionOutputBias();
      case "gate_proj", "up_proj", "down_proj" -> config.mlpBias();
      default -> false;
    };
  }

  /** True for the gains of norms, false for biases. */
  public boolean isGain() {
    return !name.endsWith(".bias");
  }
}
