package io.karipap.compress.heal;

import io.karipap.model.arch.Decoder;
import io.karipap.model.train.Objective;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.VocabularyLoss;
import java.util.List;

/**
 * The loss of a student that learns from its original: KL(teacher || student) on the next token
 * plus the relative squared error of the residual stream after every block (Sun et al. 2019,
 * "Patient knowledge distillation"; the block outputs are compared directly, since student and
 * teacher have one width).
 *
 * @param teacher the original
 * @param hiddenWeight weight of the residual stream's error
 */
public record Distillation(Decoder teacher, double hiddenWeight) implements Objective {

  @Override
  public Tensor loss(Decoder student, Tensor ids) {
    Tensor inputs = ids.narrow(1, 0, ids.size(1) - 1L);
    List<Tensor> targets;
    Tensor target;
    try (var _ = Autograd.off()) {
      targets = teacher.hidden(inputs);
      target = scores(teacher, targets.getLast());
    }
    List<Tensor> states = student.hidden(inputs);
    Tensor loss = VocabularyLoss.divergence(target, scores(student, states.getLast()));
    int blocks = targets.size() - 2;
    for (int i = 1; i <= blocks; i++) {
      Tensor error = relativeError(states.get(i), targets.get(i));
      loss = loss.add(error.mul(hiddenWeight / blocks));
    }
    return loss;
  }

  private static Tensor scores(Decoder model, Tensor normed) {
    return model.scores(normed.reshape(-1, normed.size(-1)));
  }

  /** ||state - target||^2 / ||target||^2. */
  static Tensor relativeError(Tensor state, Tensor target) {
    return state.sub(target).norm().square().div(target.norm().square());
  }
}
