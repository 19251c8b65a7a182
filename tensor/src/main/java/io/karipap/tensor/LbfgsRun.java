package io.karipap.tensor;

import io.karipap.tensor.Lbfgs.Evaluation;
import io.karipap.tensor.Lbfgs.Minimum;
import io.karipap.tensor.Lbfgs.Objective;
import io.karipap.tensor.Lbfgs.Stop;
import java.util.ArrayDeque;
import java.util.Deque;

/** One minimisation by {@link Lbfgs}. Its vectors are made once and overwritten. */
final class LbfgsRun {

  private static final StrongWolfe LINE_SEARCH = new StrongWolfe(1e-4, 0.9, 25);

  private final Lbfgs settings;
  private final Objective objective;
  private final Curvature curvature;
  private final Tensor x;
  private final Tensor gradient;
  private final Tensor direction;
  private final Tensor trial;
  private final Tensor trialGradient;
  private final Deque<Double> values = new ArrayDeque<>();
  private double value;
  private double trialStep;
  private int evaluations;

  /**
   * Prepares a run.
   *
   * @param x the start, overwritten with the result
   */
  LbfgsRun(Lbfgs settings, Objective objective, Tensor x) {
    this.settings = settings;
    this.objective = objective;
    this.x = x;
    curvature = new Curvature(settings.memory(), x.size(0));
    gradient = x.zerosLike();
    direction = x.zerosLike();
    trial = x.copy();
    trialGradient = x.zerosLike();
  }

  Minimum minimum() {
    value = evaluateTrial();
    gradient.copyFrom(trialGradient);
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("the objective is " + value + " at the start");
    }
    int iteration = 0;
    while (true) {
      Stop stop;
      if (norm(gradient) <= settings.gradientNorm()) {
        stop = Stop.GRADIENT;
      } else if (flat()) {
        stop = Stop.DECREASE;
      } else if (iteration == settings.iterations()) {
        stop = Stop.ITERATIONS;
      } else if (step()) {
        iteration++;
        continue;
      } else {
        stop = Stop.LINE_SEARCH;
      }
      return new Minimum(x, value, norm(gradient), iteration, evaluations, stop);
    }
  }

  private boolean flat() {
    values.addLast(value);
    if (values.size() <= settings.window()) {
      return false;
    }
    double before = values.removeFirst();
    return before - value <= settings.decrease() * Math.abs(before);
  }

  /** Moves to a lower point; false if there is none along the steepest descent either. */
  private boolean step() {
    double slope = aim();
    double first = curvature.isEmpty() ? Math.min(1, 1 / norm(direction)) : 1;
    StrongWolfe.Point origin = new StrongWolfe.Point(0, value, slope);
    StrongWolfe.Point point = LINE_SEARCH.search(this::at, origin, first);
    if (!(point.value() < value)) {
      if (curvature.isEmpty()) {
        return false;
      }
      curvature.clear();
      return step();
    }
    if (point.step() != trialStep) {
      at(point.step());
    }
    try (var _ = new TensorScope()) {
      curvature.add(trial.sub(x), trialGradient.sub(gradient));
    }
    x.copyFrom(trial);
    gradient.copyFrom(trialGradient);
    value = point.value();
    return true;
  }

  /** Sets the direction; gives the slope along it, which is negative. */
  private double aim() {
    try (var _ = new TensorScope()) {
      direction.copyFrom(curvature.solve(gradient).neg());
      double slope = gradient.dot(direction).item();
      if (slope < 0 || curvature.isEmpty()) {
        return slope;
      }
    }
    curvature.clear();
    return aim();
  }

  private StrongWolfe.Point at(double step) {
    trialStep = step;
    trial.copyFrom(x);
    trial.addInPlace(direction, step);
    double trialValue = evaluateTrial();
    try (var _ = new TensorScope()) {
      double slope = trialGradient.dot(direction).item();
      return Double.isFinite(trialValue) && Double.isFinite(slope)
          ? new StrongWolfe.Point(step, trialValue, slope)
          : new StrongWolfe.Point(step, Double.POSITIVE_INFINITY, Double.NaN);
    }
  }

  private double evaluateTrial() {
    evaluations++;
    try (var _ = new TensorScope()) {
      Evaluation evaluation = objective.evaluate(trial);
      trialGradient.copyFrom(evaluation.gradient());
      return evaluation.value();
    }
  }

  private static double norm(Tensor vector) {
    try (var _ = new TensorScope()) {
      return vector.norm().item();
    }
  }
}
