package io.karipap.compress.heal;

import io.karipap.compress.HealOptions;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.model.train.Parameterization;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a compressed model that a healing trains. */
final class HealParameterization {

  private HealParameterization() {}

  /**
   * The variables that the options choose. Must be called inside a tensor scope that stays open.
   *
   * @param architecture of the model
   * @param seed of the random numbers in updates
   * @throws IllegalArgumentException if the model has no numbers of the kind that is to be trained
   */
  static Parameterization of(
      Architecture architecture, Weights start, HealOptions options, long seed) {
    return switch (options.train()) {
      case ALL -> Parameterization.all(balanced(start));
      case SCALES -> scales(start);
      case LORA ->
          Parameterization.adapters(
              architecture, start, Parameterization.Update.LOW_RANK, options.rank(), seed);
      case TT_LORA ->
          Parameterization.adapters(
              architecture, start, Parameterization.Update.TENSOR_TRAIN, options.rank(), seed);
    };
  }

  private static Parameterization scales(Weights start) {
    Parameterization scales = Parameterization.scales(start);
    if (scales.start().isEmpty()) {
      throw new IllegalArgumentException(
          "only a model with quantized numbers has scales to train; this one has none");
    }
    return scales;
  }

  /** The same matrices, with both factors of low-rank pairs of equal size: see {@link LowRank}. */
  private static Weights balanced(Weights weights) {
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    weights.matrices().forEach((name, f) -> matrices.put(name, balanced(f)));
    return weights.with(matrices);
  }

  private static Factorization balanced(Factorization matrix) {
    return switch (matrix) {
      case LowRank pair -> pair.balanced();
      case Sum sum -> new Sum(balanced(sum.base()), balanced(sum.correction()));
      case Dense _, BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sparse _ -> matrix;
    };
  }
}
