package io.karipap.model.gauge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model in a gauge, as any LLaMA of its architecture: other programs can read it.
 *
 * @param config of the weights, stored in float32, since bfloat16 would round a basis away
 * @param weights without {@link Decoder#HEAD_GAIN}
 */
public record OrdinaryModel(ModelConfig config, Weights weights) {

  /**
   * The ordinary model with the same logits. One that has a {@link Decoder#HEAD_GAIN} M between its
   * norm and its tied table E gets a head of its own, E M. Must be called inside a tensor scope.
   */
  public static OrdinaryModel of(ModelConfig config, Weights gauged) {
    ObjectNode json = config.raw().put("torch_dtype", "float32");
    if (!gauged.matrices().containsKey(Decoder.HEAD_GAIN)) {
      return new OrdinaryModel(ModelConfig.parse(json, "config.json"), gauged);
    }
    Map<String, Factorization> matrices = new LinkedHashMap<>(gauged.matrices());
    matrices.remove(Decoder.HEAD_GAIN);
    Tensor table = gauged.matrix(Decoder.EMBEDDINGS).matrix();
    Tensor gain = gauged.matrix(Decoder.HEAD_GAIN).matrix();
    Tensor head = table.to(DType.F64).matmul(gain.to(DType.F64)).to(table.dtype());
    matrices.put(Decoder.HEAD, new Dense(head));
    return new OrdinaryModel(
        ModelConfig.parse(json.put("tie_word_embeddings", false), "config.json"),
        new Weights(matrices, gauged.vectors()));
  }
}
