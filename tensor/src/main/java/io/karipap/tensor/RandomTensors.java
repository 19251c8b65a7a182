package io.karipap.tensor;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random tensors from a seed: the same on every machine. */
public final class RandomTensors {

  private final RandomGenerator generator;

  /** A fresh sequence for a seed. */
  public RandomTensors(long seed) {
    generator = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** Independent normal variates with mean 0 and variance 1. */
  public Tensor normal(DType type, long... shape) {
    double[] values = new double[Math.toIntExact(Shape.elements(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] = generator.nextGaussian();
    }
    return Tensor.of(values, shape).to(type);
  }
}
