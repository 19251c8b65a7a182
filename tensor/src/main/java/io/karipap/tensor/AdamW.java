package io.karipap.tensor;

import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization",
 * algorithm 2).
 *
 * <p>The moments are tensors that the caller keeps, so that a training run can be stored and
 * resumed.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the denominator
 */
public record AdamW(double beta1, double beta2, double epsilon) {

  /** One variable with its moments, all of one shape, and the weight decay that applies to it. */
  public record Slot(Tensor variable, Tensor first, Tensor second, double weightDecay) {}

  /**
   * One step, in place.
   *
   * @param gradients one per slot
   * @param step number of this step, from 1
   * @param scale factor for every gradient (clipping)
   */
  public void step(
      List<Slot> slots, List<Tensor> gradients, long step, double learningRate, double scale) {
    double correction1 = 1 - Math.pow(beta1, (double) step);
    double correction2 = 1 - Math.pow(beta2, (double) step);
    try (var _ = new TensorScope();
        var _ = Autograd.off()) {
      for (int i = 0; i < slots.size(); i++) {
        Slot slot = slots.get(i);
        Tensor g = gradients.get(i).to(slot.first().dtype());
        slot.variable().scaleInPlace(1 - learningRate * slot.weightDecay());
        slot.first().scaleInPlace(beta1);
        slot.first().addInPlace(g, scale * (1 - beta1));
        slot.second().scaleInPlace(beta2);
        slot.second().addProductInPlace(g, g, scale * scale * (1 - beta2));
        Tensor denominator = slot.second().sqrt();
        denominator.scaleInPlace(1 / Math.sqrt(correction2));
        slot.variable()
            .addQuotientInPlace(
                slot.first(), denominator.add(epsilon), -learningRate / correction1);
      }
    }
  }
}
