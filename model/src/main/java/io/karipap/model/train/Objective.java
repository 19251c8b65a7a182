package io.karipap.model.train;

import io.karipap.model.arch.Decoder;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.VocabularyLoss;

/** What training minimises. */
@FunctionalInterface
public interface Objective {

  /**
   * The loss of a batch, a differentiable scalar.
   *
   * @param ids int64 [batch, steps + 1]: inputs and, one further, targets
   */
  Tensor loss(Decoder model, Tensor ids);

  /** Mean negative log-likelihood of the next token, in nats. */
  static Tensor nextToken(Decoder model, Tensor ids) {
    int steps = ids.size(1) - 1;
    Tensor logits = model.scores(model.hidden(ids.narrow(1, 0, steps)).getLast());
    Tensor targets = ids.narrow(1, 1, steps).reshape(-1);
    return VocabularyLoss.crossEntropy(logits.reshape(-1, logits.size(-1)), targets);
  }
}
