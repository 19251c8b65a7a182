package io.karipap.tensor;

import java.util.ArrayList;
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

  /**
   * Elements of a part: its arrays stay in a processor's own cache over all operations of a step.
   */
  private static final long PART_ELEMENTS = 1 << 16;

  /**
   * One variable with its moments, all of one shape and contiguous, and the weight decay that
   * applies to it.
   */
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
    step(parts(slots, gradients), step, learningRate, scale);
  }

  /**
   * One step, in place, shared out among workers; the result is the same, whatever their number.
   */
  public void step(
      List<Slot> slots,
      List<Tensor> gradients,
      long step,
      double learningRate,
      double scale,
      Workers workers) {
    List<Part> parts = parts(slots, gradients);
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < workers.count(); i++) {
      int from = (int) ((long) parts.size() * i / workers.count());
      int to = (int) ((long) parts.size() * (i + 1) / workers.count());
      tasks.add(() -> step(parts.subList(from, to), step, learningRate, scale));
    }
    workers.runAll(tasks);
  }

  /** Elements of a slot and its gradient that are in the cache together. */
  private record Part(Slot slot, Tensor gradient, long start, long length) {}

  private static List<Part> parts(List<Slot> slots, List<Tensor> gradients) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      long elements = slots.get(i).variable().elements();
      for (long start = 0; start < elements; start += PART_ELEMENTS) {
        long length = Math.min(PART_ELEMENTS, elements - start);
        parts.add(new Part(slots.get(i), gradients.get(i), start, length));
      }
    }
    return parts;
  }

  private void step(List<Part> parts, long step, double learningRate, double scale) {
    double correction1 = 1 - Math.pow(beta1, (double) step);
    double correction2 = 1 - Math.pow(beta2, (double) step);
    for (Part part : parts) {
      try (var _ = new TensorScope();
          var _ = Autograd.off()) {
        Slot slot = part.slot();
        Tensor x = flat(slot.variable(), part);
        Tensor first = flat(slot.first(), part);
        Tensor second = flat(slot.second(), part);
        Tensor g =
            part.gradient().reshape(-1).narrow(0, part.start(), part.length()).to(first.dtype());
        x.scaleInPlace(1 - learningRate * slot.weightDecay());
        first.scaleInPlace(beta1);
        first.addInPlace(g, scale * (1 - beta1));
        second.scaleInPlace(beta2);
        second.addProductInPlace(g, g, scale * scale * (1 - beta2));
        Tensor denominator = second.sqrt();
        denominator.scaleInPlace(1 / Math.sqrt(correction2));
        x.addQuotientInPlace(first, denominator.add(epsilon), -learningRate / correction1);
      }
    }
  }

  /** A view that can be written through. */
  private static Tensor flat(Tensor tensor, Part part) {
    if (!tensor.isContiguous()) {
      throw new IllegalArgumentException("variables and moments must be contiguous");
    }
    return tensor.reshape(-1).narrow(0, part.start(), part.length());
  }
}
