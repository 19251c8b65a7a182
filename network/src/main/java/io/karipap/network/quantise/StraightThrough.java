package io.karipap.network.quantise;

import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Rounding that can be trained through (straight-through estimator, Bengio, Leonard and Courville
 * 2013): forwards, latent numbers are rounded to their groups' grids; backwards, the rounding
 * counts as the identity within a grid's range and as constant beyond it. By scales and shifts the
 * derivative is the true one, the codes being constant nearly everywhere.
 */
public final class StraightThrough {

  private StraightThrough() {}

  /**
   * The latent numbers, rounded; differentiable by them, and by the grids' variables.
   *
   * @param latent of the shape of the grids' tensor
   * @param grids whose codes are not used
   */
  public static Tensor round(Tensor latent, QuantizedTensor grids) {
    Recoding codes = new Recoding(grids);
    int columns = grids.groups().columns();
    double[] numbers = latent.toDoubles();
    double[] inside = new double[numbers.length];
    for (int at = 0; at < numbers.length; at++) {
      int row = at / columns;
      int column = at % columns;
      Grid grid = codes.grid(row, column);
      codes.set(row, column, grid.code(numbers[at]));
      boolean within =
          numbers[at] >= grid.value(0) && numbers[at] <= grid.value(codes.levels() - 1);
      inside[at] = within ? 1 : 0;
    }
    Tensor passed =
        latent.sub(latent.detach()).mul(Tensor.of(inside, latent.shape()).to(latent.dtype()));
    return codes.tensor().values().add(passed);
  }

  /**
   * The factorisation with its cores made of latent numbers so; for training with a code's error in
   * sight.
   *
   * @param latents one a core, of its shape
   */
  public static Factorization through(Quantized grids, List<Tensor> latents) {
    List<Tensor> cores = new ArrayList<>();
    for (int i = 0; i < latents.size(); i++) {
      cores.add(round(latents.get(i), grids.tensors().get(i)));
    }
    return grids.structure().withCores(cores);
  }

  /** The same codes as {@link #through} computes with, to be stored. */
  public static Quantized freeze(Quantized grids, List<Tensor> latents) {
    List<QuantizedTensor> frozen = new ArrayList<>();
    for (int i = 0; i < latents.size(); i++) {
      QuantizedTensor tensor = grids.tensors().get(i);
      Recoding codes = new Recoding(tensor);
      double[] numbers = latents.get(i).to(DType.F64).toDoubles();
      int columns = tensor.groups().columns();
      for (int at = 0; at < numbers.length; at++) {
        int code = codes.grid(at / columns, at % columns).code(numbers[at]);
        codes.set(at / columns, at % columns, code);
      }
      frozen.add(codes.tensor());
    }
    return new Quantized(grids.structure(), grids.rows(), grids.columns(), frozen);
  }
}
