package io.karipap.model;

import io.karipap.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A norm gain or bias that an architecture has.
 *
 * @param name full Hugging Face name
 * @param size number of elements
 */
public record VectorName(String name, int size) {

  /** All vectors in the order of the forward pass. */
  public static List<VectorName> all(ModelConfig config) {
    int d = config.hiddenSize();
    List<VectorName> all = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      all.add(new VectorName("model.layers." + i + ".input_layernorm.weight", d));
      all.add(new VectorName("model.layers." + i + ".post_attention_layernorm.weight", d));
    }
    all.add(new VectorName("model.norm.weight", d));
    for (MatrixName matrix : MatrixName.all(config)) {
      if (isBiased(matrix, config)) {
        all.add(new VectorName(matrix.name() + ".bias", matrix.rows()));
      }
    }
    return all;
  }

  private static boolean isBiased(MatrixName matrix, ModelConfig config) {
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
