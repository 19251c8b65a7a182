package io.karipap.model.gauge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model in a gauge, as any model of its architecture: other programs can read it.
 *
 * @param architecture of the weights, stored in float32, since bfloat16 would round a basis away
 * @param weights without {@link Architecture#headGain}
 */
public record OrdinaryModel(Architecture architecture, Weights weights) {

  /**
   * The ordinary model with the same logits. One that has an {@link Architecture#headGain} M
   * between its norm and its tied table E gets a head of its own, E M. Must be called inside a
   * tensor scope.
   */
  public static OrdinaryModel of(Architecture architecture, Weights gauged) {
    ObjectNode json = architecture.config().raw().put("torch_dtype", "float32");
    String gain = architecture.headGain().name();
    if (!gauged.matrices().containsKey(gain)) {
      return new OrdinaryModel(architecture.withConfig(json), gauged);
    }
    Map<String, Factorization> matrices = new LinkedHashMap<>(gauged.matrices());
    matrices.remove(gain);
    Tensor table = gauged.matrix(architecture.embeddings().name()).matrix();
    Tensor between = gauged.matrix(gain).matrix();
    Tensor head = table.to(DType.F64).matmul(between.to(DType.F64)).to(table.dtype());
    matrices.put(architecture.head().name(), new Dense(head));
    return new OrdinaryModel(
        architecture.withConfig(json.put("tie_word_embeddings", false)),
        new Weights(matrices, gauged.vectors()));
  }
}
