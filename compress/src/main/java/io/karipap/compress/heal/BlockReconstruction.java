package io.karipap.compress.heal;

import io.karipap.model.arch.Decoder;
import io.karipap.model.train.Objective;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * Block-wise reconstruction: windows of consecutive blocks of a student learn the outputs of the
 * original's (BRECQ, Li et al. 2021; windows that overlap as in CBQ, Ding et al. 2024). The input
 * of a window is the student's own state before it, and no gradient flows through that. The loss is
 * the relative squared error of the window's output, averaged over all windows.
 *
 * @param teacher the original
 * @param window blocks in a window
 */
record BlockReconstruction(Decoder teacher, int window) implements Objective {

  @Override
  public Tensor loss(Decoder student, Tensor ids) {
    Tensor inputs = ids.narrow(1, 0, ids.size(1) - 1L);
    List<Tensor> targets;
    List<Tensor> states;
    try (var _ = Autograd.off()) {
      targets = teacher.hidden(inputs);
      states = student.hidden(inputs);
    }
    int blocks = targets.size() - 2;
    int windows = Math.max(1, blocks - window + 1);
    int size = Math.min(window, blocks);
    Tensor loss =
        Distillation.relativeError(student.through(states.getFirst(), 0, size), targets.get(size));
    for (int from = 1; from < windows; from++) {
      Tensor state = student.through(states.get(from), from, size);
      loss = loss.add(Distillation.relativeError(state, targets.get(from + size)));
    }
    return loss.mul(1.0 / windows);
  }
}
