package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.ValueLayout;

/**
 * The part of {@link StraightThrough} for integers with two scales, without a trellis. Numbers are
 * drawn towards zero before they are rounded, as they are where a bit has its price: otherwise
 * training would leave the zeros, which cost the least.
 */
final class IntegersStraightThrough {

  /** Part of a step that numbers are drawn towards zero. */
  private static final double DRAWN = 0.15;

  private IntegersStraightThrough() {}

  /** The latent numbers, rounded; differentiable by them, and by the scales. */
  static Tensor round(Tensor latent, ScaledIntegers grid) {
    Tensor values =
        integers(latent, grid).mul(grid.rows()).mul(grid.columns()).reshape(latent.shape());
    return values.add(latent).sub(latent.detach());
  }

  /** The integers that {@link #round} computes with, to be stored. */
  static ScaledIntegers encode(Tensor latent, ScaledIntegers grid) {
    byte[] levels =
        integers(latent, grid)
            .to(DType.I64)
            .to(DType.I8)
            .contiguous()
            .segment()
            .toArray(ValueLayout.JAVA_BYTE);
    NumberClasses classes = NumberClasses.of(levels, grid.rows().size(0), grid.columns().size(1));
    byte[] stream = CodedIntegers.encode(Trellis.none(), levels, classes.rows(), classes.columns());
    return new ScaledIntegers(grid.shape(), stream, levels, grid.rows(), grid.columns());
  }

  /** K [rows, columns] of latent numbers, without a gradient. */
  private static Tensor integers(Tensor latent, ScaledIntegers grid) {
    Tensor x =
        latent
            .detach()
            .reshape(grid.rows().size(0), grid.columns().size(1))
            .div(grid.rows().detach())
            .div(grid.columns().detach());
    return x.sub(x.clamp(-DRAWN, DRAWN)).clamp(-Byte.MAX_VALUE, Byte.MAX_VALUE).round();
  }
}
