package io.karipap.compress.quantize;

import io.karipap.checkpoint.codec.Trellis;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.fit.LowRankPairs;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.ScaledIntegers;
import io.karipap.network.fit.CorrectedFit;
import io.karipap.network.fit.site.NetworkRounding;
import io.karipap.network.quantize.Gptq;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/** Quantizes the numbers of one matrix or network in the metric of its error. */
public final class MatrixQuantizer {

  /** Rounds of a correction's fit; a second round would lower the squared error by 5 %. */
  private static final int ROUNDS = 1;

  private MatrixQuantizer() {}

  /**
   * Quantizes a compressed matrix.
   *
   * @throws IllegalArgumentException if a network is to be corrected, or its numbers are shared
   */
  public static Factorization round(
      Factorization fitted, WeightedMatrix matrix, QuantizationSpec spec) {
    return round(fitted, matrix, matrix::lowRank, spec);
  }

  /**
   * The same with low-rank pairs that are known already.
   *
   * @param pairs of the matrix, asked for if there is a correction
   */
  public static Factorization round(
      Factorization fitted,
      WeightedMatrix matrix,
      Supplier<LowRankPairs> pairs,
      QuantizationSpec spec) {
    return switch (spec) {
      case QuantizationSpec.Scalar scalar -> scalar(fitted, matrix, pairs, scalar);
      case QuantizationSpec.Coded coded -> coded(fitted, matrix, coded);
    };
  }

  private static Quantized coded(
      Factorization fitted, WeightedMatrix matrix, QuantizationSpec.Coded spec) {
    if (!(fitted instanceof Dense)) {
      throw new IllegalArgumentException("only dense matrices go through an entropy coder");
    }
    ScaledIntegers integers =
        matrix
            .rounding()
            .round(matrix.w(), spec.loss(), Trellis.of(spec.coding().states()))
            .integers();
    return Quantized.of(new Dense(matrix.w()), List.of(integers));
  }

  private static Factorization scalar(
      Factorization fitted,
      WeightedMatrix matrix,
      Supplier<LowRankPairs> pairs,
      QuantizationSpec.Scalar spec) {
    if (spec.correction().isEmpty()) {
      return NetworkRounding.round(
              fitted, matrix.w(), matrix.metric(), spec.scheme(), Gptq.standard())
          .factorization();
    }
    if (!(fitted instanceof Dense)) {
      throw new IllegalArgumentException("only dense matrices have corrections");
    }
    QuantizationSpec.Correction correction = spec.correction().get();
    LowRankPairs known = pairs.get();
    int rank = Math.min(correction.rank(), known.ranks());
    return new CorrectedFit(
            rest -> codes(rest, matrix.metric(), spec.scheme()),
            rest -> pair(rest, rank, correction.scheme(), matrix),
            matrix::squaredError)
        .fit(matrix.w(), known.at(rank), ROUNDS)
        .factorization();
  }

  private static Quantized codes(Tensor rest, Metric metric, QuantizationScheme scheme) {
    QuantizedTensor rounded = Gptq.standard().quantize(rest, metric, scheme);
    return Quantized.of(new Dense(rest), List.of(rounded));
  }

  private static Factorization pair(
      Tensor rest, int rank, QuantizationScheme scheme, WeightedMatrix matrix) {
    return NetworkRounding.round(
            matrix.lowRank(rest, rank), rest, matrix.metric(), scheme, Gptq.standard())
        .factorization();
  }
}
