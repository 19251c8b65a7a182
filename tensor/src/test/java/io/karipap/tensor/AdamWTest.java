package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** AdamW against the paper's algorithm 2, written out in plain Java. */
class AdamWTest {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.95;
  private static final double EPSILON = 1e-8;

  /** One variable of the reference. */
  private static final class Reference {
    final double[] x;
    final double[] m;
    final double[] v;
    final double decay;

    Reference(double[] start, double decay) {
      x = start.clone();
      m = new double[start.length];
      v = new double[start.length];
      this.decay = decay;
    }

    void step(double[] gradient, int t, double rate) {
      for (int i = 0; i < x.length; i++) {
        m[i] = BETA1 * m[i] + (1 - BETA1) * gradient[i];
        v[i] = BETA2 * v[i] + (1 - BETA2) * gradient[i] * gradient[i];
        double mean = m[i] / (1 - Math.pow(BETA1, t));
        double variance = v[i] / (1 - Math.pow(BETA2, t));
        x[i] -= rate * (mean / (Math.sqrt(variance) + EPSILON) + decay * x[i]);
      }
    }
  }

  private static Tensor vector(double[] values) {
    return Tensor.of(values, values.length);
  }

  private static double[] gaussians(Random random, int count) {
    return random.doubles(count).map(_ -> random.nextGaussian()).toArray();
  }

  private static AdamW.Slot slot(double[] start, DType type, double decay) {
    Tensor x = vector(start).to(type).copy();
    return new AdamW.Slot(x, x.zerosLike(), x.zerosLike(), decay);
  }

  @Test
  void manyStepsFollowTheReference() {
    try (var _ = new TensorScope()) {
      var random = new Random(4);
      double[] start = gaussians(random, 7);
      double[] second = gaussians(random, 3);
      var references = List.of(new Reference(start, 0.1), new Reference(second, 0));
      var slots = List.of(slot(start, DType.F64, 0.1), slot(second, DType.F64, 0));
      var adam = new AdamW(BETA1, BETA2, EPSILON);
      for (int t = 1; t <= 500; t++) {
        double rate = 1e-2 / Math.sqrt(t);
        double clip = t % 10 == 0 ? 0.25 : 1;
        double[] g = gaussians(random, 7);
        double[] h = gaussians(random, 3);
        adam.step(slots, List.of(vector(g), vector(h)), t, rate, clip);
        references.get(0).step(scaled(g, clip), t, rate);
        references.get(1).step(scaled(h, clip), t, rate);
      }
      for (int i = 0; i < slots.size(); i++) {
        assertThat(slots.get(i).variable().toDoubles())
            .containsExactly(references.get(i).x, within(1e-12));
        assertThat(slots.get(i).first().toDoubles())
            .containsExactly(references.get(i).m, within(1e-13));
        assertThat(slots.get(i).second().toDoubles())
            .containsExactly(references.get(i).v, within(1e-13));
      }
    }
  }

  /** Longer than a part, so that there are several, and one that is shorter. */
  @Test
  void sharingAStepOutChangesNothing() {
    try (var _ = new TensorScope();
        var workers = new Workers(2)) {
      double[] start = gaussians(new Random(5), 150_000);
      Tensor g = vector(gaussians(new Random(6), 150_000));
      var reference = new Reference(start, 0.1);
      var alone = slot(start, DType.F64, 0.1);
      var shared = slot(start, DType.F64, 0.1);
      var adam = new AdamW(BETA1, BETA2, EPSILON);
      for (int t = 1; t <= 3; t++) {
        adam.step(List.of(alone), List.of(g), t, 1e-2, 1);
        adam.step(List.of(shared), List.of(g), t, 1e-2, 1, workers);
        reference.step(g.toDoubles(), t, 1e-2);
      }
      double[] x = alone.variable().toDoubles();
      double largest =
          IntStream.range(0, x.length)
              .mapToDouble(i -> Math.abs(x[i] - reference.x[i]))
              .max()
              .orElseThrow();
      assertThat(largest).isLessThan(1e-12);
      assertThat(shared.variable().toDoubles()).isEqualTo(x);
      assertThat(shared.second().toDoubles()).isEqualTo(alone.second().toDoubles());
    }
  }

  @Test
  void gradientsOfAShorterTypeMoveFloat32Moments() {
    try (var _ = new TensorScope()) {
      double[] start = {1, -2, 3};
      double[] g = {0.5, -0.25, 2}; // exact in bfloat16
      var reference = new Reference(start, 0.1);
      var slot = slot(start, DType.F32, 0.1);
      var adam = new AdamW(BETA1, BETA2, EPSILON);
      for (int t = 1; t <= 50; t++) {
        adam.step(List.of(slot), List.of(vector(g).to(DType.BF16)), t, 1e-2, 1);
        reference.step(g, t, 1e-2);
      }
      assertThat(slot.variable().toDoubles()).containsExactly(reference.x, within(1e-5));
    }
  }

  @Test
  void aQuadraticIsMinimised() {
    try (var _ = new TensorScope()) {
      Tensor target = vector(new double[] {3, -1, 0.5});
      var slot = slot(new double[3], DType.F64, 0);
      var adam = new AdamW(0.9, 0.99, 1e-12);
      for (int t = 1; t <= 1000; t++) {
        try (var _ = new TensorScope()) {
          Tensor x = slot.variable().leaf();
          var gradients = Autograd.gradients(x.sub(target).square().sum(), List.of(x));
          adam.step(List.of(slot), gradients, t, 0.1 * Math.pow(0.99, t), 1);
        }
      }
      assertThat(slot.variable().sub(target).norm().item()).isLessThan(1e-3);
    }
  }

  private static double[] scaled(double[] g, double factor) {
    double[] result = g.clone();
    for (int i = 0; i < g.length; i++) {
      result[i] *= factor;
    }
    return result;
  }
}
