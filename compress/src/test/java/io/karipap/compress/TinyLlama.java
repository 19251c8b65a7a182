package io.karipap.compress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.Architectures;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Models small enough for finite differences and for a search over all allocations. */
public final class TinyLlama {

  /** Name of the embeddings. */
  public static final String EMBEDDINGS = "model.embed_tokens";

  /** Name of the head. */
  public static final String HEAD = "lm_head";

  private TinyLlama() {}

  /** A LLaMA of one block and one head of attention, with 17 tokens and 24 positions. */
  public static Architecture architecture(int width, int neurons, boolean tied) {
    String json =
        """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": %d,
         "intermediate_size": %d, "num_hidden_layers": 1, "num_attention_heads": 1,
         "vocab_size": 17, "max_position_embeddings": 24, "rms_norm_eps": 1e-5,
         "rope_theta": 100.0, "tie_word_embeddings": %b}
        """
            .formatted(width, neurons, tied);
    try {
      return Architectures.standard().parse((ObjectNode) new ObjectMapper().readTree(json), "test");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Dense weights large enough for every layer to matter, with gains that are not trivial. */
  public static Weights weights(Architecture architecture, DType type, long seed) {
    RandomTensors random = new RandomTensors(seed);
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (MatrixSpec matrix : architecture.matrices()) {
      Tensor values = random.normal(DType.F64, matrix.rows(), matrix.columns());
      Tensor scaled = values.mul(1.2 / Math.sqrt(matrix.columns()));
      matrices.put(matrix.name(), new Dense(scaled.to(type)));
    }
    for (VectorSpec vector : architecture.vectors()) {
      Tensor noise = random.normal(DType.F64, vector.size()).mul(0.3);
      vectors.put(vector.name(), noise.add(1).to(type));
    }
    return new Weights(matrices, vectors);
  }
}
