package io.karipap.network.quantize;

import io.karipap.checkpoint.codec.CodedIntegers;
import io.karipap.checkpoint.codec.Trellis;
import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Rounding to integers with two scales that can be trained through, as {@link StraightThrough} does
 * for codes; without a trellis. Numbers are drawn towards zero before they are rounded, as they are
 * where a bit has its price: otherwise training would leave the zeros, which cost the least.
 */
public final class IntegersStraightThrough {

  /** Part of a step that numbers are drawn towards zero. */
  private static final double DRAWN = 0.15;

  private IntegersStraightThrough() {}

  /**
   * The factorization with cores made from latent numbers, to train through the rounding.
   *
   * @param latents one a core, of its shape
   */
  public static Factorization through(Quantized integers, List<Tensor> latents) {
    List<Tensor> cores = new ArrayList<>();
    for (int i = 0; i < latents.size(); i++) {
      ScaledIntegers grid = (ScaledIntegers) integers.tensors().get(i);
      Tensor latent = latents.get(i);
      Tensor values =
          rounded(latent, grid).mul(grid.rows()).mul(grid.columns()).reshape(latent.shape());
      cores.add(values.add(latent).sub(latent.detach()));
    }
    return integers.structure().withCores(cores);
  }

  /** The integers that {@link #through} computes with, to be stored. */
  public static Quantized freeze(Quantized integers, List<Tensor> latents) {
    List<ScaledIntegers> frozen = new ArrayList<>();
    for (int i = 0; i < latents.size(); i++) {
      ScaledIntegers grid = (ScaledIntegers) integers.tensors().get(i);
      byte[] levels =
          rounded(latents.get(i), grid)
              .to(DType.I64)
              .to(DType.I8)
              .contiguous()
              .segment()
              .toArray(ValueLayout.JAVA_BYTE);
      NumberClasses classes = NumberClasses.of(levels, grid.rows().size(0), grid.columns().size(1));
      byte[] stream =
          CodedIntegers.encode(Trellis.none(), levels, classes.rows(), classes.columns());
      frozen.add(new ScaledIntegers(grid.shape(), stream, levels, grid.rows(), grid.columns()));
    }
    return new Quantized(
        integers.structure(), integers.rows(), integers.columns(), List.copyOf(frozen));
  }

  /** K [rows, columns] of latent numbers, without a gradient. */
  private static Tensor rounded(Tensor latent, ScaledIntegers grid) {
    Tensor x =
        latent
            .detach()
            .reshape(grid.rows().size(0), grid.columns().size(1))
            .div(grid.rows().detach())
            .div(grid.columns().detach());
    return x.sub(x.clamp(-DRAWN, DRAWN)).clamp(-Byte.MAX_VALUE, Byte.MAX_VALUE).round();
  }
}
