package io.karipap.tensor;

/**
 * The inverse Hessian that L-BFGS infers from the last steps s and gradient differences y: the
 * two-loop recursion (Nocedal and Wright, algorithm 7.4), whose initial matrix is the identity
 * scaled to the last pair.
 */
final class Curvature {

  private final int memory;
  private final Tensor steps; // [memory, n], a ring
  private final Tensor differences; // [memory, n]
  private final double[] inner; // s y of every pair
  private double scale = 1;
  private int added;

  Curvature(int memory, int size) {
    this.memory = memory;
    steps = Tensor.zeros(DType.F64, memory, size);
    differences = Tensor.zeros(DType.F64, memory, size);
    inner = new double[memory];
  }

  boolean isEmpty() {
    return added == 0;
  }

  void clear() {
    added = 0;
    scale = 1;
  }

  /** Takes a pair in, unless it shows no positive curvature. */
  void add(Tensor s, Tensor y) {
    double sy = s.dot(y).item();
    if (!(sy > 1e-14 * s.norm().item() * y.norm().item())) {
      return;
    }
    int slot = added % memory;
    steps.select(0, slot).copyFrom(s);
    differences.select(0, slot).copyFrom(y);
    inner[slot] = sy;
    scale = sy / y.dot(y).item();
    added++;
  }

  /** The inverse Hessian times a gradient. */
  Tensor solve(Tensor gradient) {
    Tensor q = gradient.copy();
    double[] alpha = new double[memory];
    int oldest = Math.max(0, added - memory);
    for (int k = added - 1; k >= oldest; k--) {
      int slot = k % memory;
      alpha[slot] = steps.select(0, slot).dot(q).item() / inner[slot];
      q.addInPlace(differences.select(0, slot), -alpha[slot]);
    }
    Tensor r = q.mul(scale);
    for (int k = oldest; k < added; k++) {
      int slot = k % memory;
      double beta = differences.select(0, slot).dot(r).item() / inner[slot];
      r.addInPlace(steps.select(0, slot), alpha[slot] - beta);
    }
    return r;
  }
}
