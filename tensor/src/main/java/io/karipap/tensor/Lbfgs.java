package io.karipap.tensor;

/**
 * Minimises a smooth function by L-BFGS (Nocedal and Wright, "Numerical optimization", 2nd edition,
 * algorithms 7.4 and 7.5) with a strong-Wolfe line search. The variable is one float64 vector.
 *
 * <p>The tensors of an iteration are released at its end: memory does not grow with the number of
 * iterations.
 *
 * @param memory pairs of steps and gradient differences that model the curvature
 * @param iterations the most iterations
 * @param gradientNorm stop at a gradient of at most this Euclidean norm
 * @param decrease stop when the value fell by at most this part of itself over {@code window}
 *     iterations
 * @param window see {@code decrease}
 */
public record Lbfgs(int memory, int iterations, double gradientNorm, double decrease, int window) {

  /** A function with its gradient. */
  public interface Objective {
    /** Evaluates at x [n]; everything made here but the gradient is released after the call. */
    Evaluation evaluate(Tensor x);
  }

  /**
   * The objective at a point.
   *
   * @param value the function's value
   * @param gradient its gradient [n]
   */
  public record Evaluation(double value, Tensor gradient) {}

  /** Why a minimisation ended. */
  public enum Stop {
    /** The gradient's norm is small enough. */
    GRADIENT,
    /** The value no longer falls. */
    DECREASE,
    /** The limit of iterations is reached. */
    ITERATIONS,
    /** No step along the steepest descent lowers the value: rounding, or a wrong gradient. */
    LINE_SEARCH
  }

  /**
   * Where a minimisation ended.
   *
   * @param x the point [n], in the caller's scope
   * @param value the objective there
   * @param gradientNorm Euclidean norm of the gradient there
   * @param iterations iterations done
   * @param evaluations evaluations of the objective
   * @param stop why it ended
   */
  public record Minimum(
      Tensor x, double value, double gradientNorm, int iterations, int evaluations, Stop stop) {}

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if memory or window is not positive or another setting is
   *     negative
   */
  public Lbfgs {
    if (memory < 1 || window < 1 || iterations < 0 || !(gradientNorm >= 0) || !(decrease >= 0)) {
      throw new IllegalArgumentException(
          "L-BFGS needs memory and window of at least 1 and nothing negative, not memory %d, window %d,"
              .concat(" iterations %d, gradient norm %g, decrease %g")
              .formatted(memory, window, iterations, gradientNorm, decrease));
    }
  }

  /**
   * Minimises from a start.
   *
   * @param start [n], float64; it is left as it is
   * @throws IllegalArgumentException if the start is not a float64 vector or the objective is not
   *     finite there
   */
  public Minimum minimise(Objective objective, Tensor start) {
    if (start.rank() != 1 || start.dtype() != DType.F64) {
      throw new IllegalArgumentException("L-BFGS starts from a float64 vector, not " + start);
    }
    Tensor x = start.detach().copy();
    try (var _ = new TensorScope()) {
      return new LbfgsRun(this, objective, x).minimum();
    }
  }
}
