package io.karipap.model.task;

import java.util.Arrays;

/**
 * A mean with its standard error.
 *
 * @param value the mean
 * @param standardError sqrt(s^2 / n) with the sample variance s^2 = sum (x_i - mean)^2 / (n - 1);
 *     not a number for a single value
 */
public record Estimate(double value, double standardError) {

  /** The mean of at least one value. */
  public static Estimate mean(double... values) {
    int n = values.length;
    double mean = Arrays.stream(values).sum() / n;
    double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    return new Estimate(mean, Math.sqrt(squares / (n - 1) / n));
  }

  /** exp of the mean, whose standard error is to first order exp(mean) times that of the mean. */
  Estimate exponential() {
    return new Estimate(Math.exp(value), Math.exp(value) * standardError);
  }
}
