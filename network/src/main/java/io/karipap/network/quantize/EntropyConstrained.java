package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.Trellis;
import java.util.Arrays;

/**
 * Quantization of numbers whose indices go through an entropy coder: the path of least squared
 * error plus rate, with code lengths that are those of its own indices (Chou, Lookabaugh and Gray
 * 1989; for a trellis Fischer and Wang 1992). Both are taken in turn until they agree.
 */
public final class EntropyConstrained {

  private static final int ROUNDS = 8;

  private final Trellis trellis;
  private final double lambda;
  private final int largest;

  /**
   * What numbers were coded to.
   *
   * @param rate bits a number: the entropy of the indices of each quantizer of the trellis
   * @param error sum of squared errors over sum of squares, when each index stands for the mean of
   *     its numbers
   */
  public record Coded(double rate, double error) {

    /** Bits that the rate lies above the limit for a Gaussian source of that error. */
    public double excess() {
      return rate + Math.log(error) / (2 * Math.log(2));
    }
  }

  /**
   * A quantizer.
   *
   * @param lambda squared error in units of the squared step that a bit is worth: 0.08 without a
   *     trellis and 0.4 with one are best at 1 to 3 bits
   * @param largest magnitude of an index
   */
  public EntropyConstrained(Trellis trellis, double lambda, int largest) {
    this.trellis = trellis;
    this.lambda = lambda;
    this.largest = largest;
  }

  /** Rate and error at a step. */
  public Coded at(double step, double[] x) {
    double[] scaled = Arrays.stream(x).map(number -> number / step).toArray();
    double[][] bits = new double[trellis.quantizers()][];
    Arrays.setAll(bits, _ -> CodeLengths.universal(largest));
    TrellisQuantizer quantizer = new TrellisQuantizer(trellis, largest);
    Tally tally = new Tally();
    for (int round = 0; round < ROUNDS; round++) {
      double[][] now = bits;
      tally = new Tally();
      tally.add(quantizer.quantize(scaled, lambda, (_, q, k) -> now[q][k + largest]), scaled);
      bits = tally.bits();
    }
    return tally.coded();
  }

  /**
   * Rate and error of a given rate, nearly.
   *
   * @param rate bits a number
   * @param x numbers of mean square 1
   */
  public Coded ofRate(double rate, double[] x) {
    double small = Math.pow(2, -rate - 2);
    double large = Math.pow(2, 2.5 - rate);
    Coded coded = new Coded(0, 1);
    for (int i = 0; i < 9; i++) {
      double step = Math.sqrt(small * large);
      coded = at(step, x);
      if (coded.rate() > rate) {
        small = step;
      } else {
        large = step;
      }
    }
    return coded;
  }

  /** Counts of indices, and sums of the numbers that became them. */
  private final class Tally {

    private final double[][] counts = new double[trellis.quantizers()][2 * largest + 1];
    private final double[][] sums = new double[trellis.quantizers()][2 * largest + 1];
    private final double[] totals = new double[trellis.quantizers()];
    private double squares;

    void add(int[] indices, double[] x) {
      int state = 0;
      for (int t = 0; t < x.length; t++) {
        int q = trellis.quantizer(state);
        counts[q][indices[t] + largest]++;
        sums[q][indices[t] + largest] += x[t];
        totals[q]++;
        squares += x[t] * x[t];
        state = trellis.next(state, indices[t]);
      }
    }

    /** Code lengths; an index that did not occur has one too, so that it may yet. */
    double[][] bits() {
      double[][] bits = new double[counts.length][];
      for (int q = 0; q < bits.length; q++) {
        bits[q] = counts[q].clone();
        CodeLengths.toBits(bits[q]);
      }
      return bits;
    }

    Coded coded() {
      double all = Arrays.stream(totals).sum();
      double rate = 0;
      double explained = 0;
      for (int q = 0; q < counts.length; q++) {
        for (int i = 0; i < counts[q].length; i++) {
          double count = counts[q][i];
          if (count > 0) {
            rate -= count * log2(count / totals[q]);
            explained += sums[q][i] * sums[q][i] / count;
          }
        }
      }
      return new Coded(rate / all, (squares - explained) / squares);
    }
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
