package io.karipap.network.quantize;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.network.CodedTensor;
import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.ScaledIntegers;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rounding that can be trained through (straight-through estimator, Bengio, Leonard and Courville
 * 2013): the forward pass rounds latent numbers to the grids of their groups; the backward pass
 * treats the rounding as the identity within the range of a grid and as constant outside. The
 * derivatives by scales and shifts are exact, because the codes are constant almost everywhere.
 */
public final class StraightThrough {

  /**
   * Tolerance at both ends of a range, in levels: rounding errors may put an outermost level
   * slightly outside.
   */
  private static final double RANGE_TOLERANCE_LEVELS = 1e-4;

  /** Replaces a scale of zero, so that one can divide by it. */
  private static final double MIN_SCALE = 1e-30;

  private StraightThrough() {}

  /**
   * The latent numbers, rounded; differentiable by them, and by the grids' variables.
   *
   * @param latent of the shape of the grids' tensor
   * @param grids whose codes are not used
   */
  public static Tensor round(Tensor latent, QuantizedTensor grids) {
    double[] table = table(grids.format());
    Tensor zeros = zeros(grids);
    Tensor place = place(latent, grids, zeros);
    Tensor inside =
        place.clamp(
            table[0] - RANGE_TOLERANCE_LEVELS, table[table.length - 1] + RANGE_TOLERANCE_LEVELS);
    Tensor passed = inside.sub(inside.detach()).mul(steps(grids));
    Tensor levels = levels(codes(place.detach(), grids.format()), grids.format());
    Tensor scaled = levels.sub(zeros).mul(grids.scales().unsqueeze(2));
    Tensor rounded = grids.shifts().map(s -> scaled.add(s.unsqueeze(2))).orElse(scaled);
    GroupLayout groups = grids.groups();
    return rounded
        .add(passed)
        .reshape(groups.rows(), -1)
        .narrow(1, 0, groups.columns())
        .reshape(latent.shape());
  }

  /** The same grids with the codes that {@link #round} computes with. */
  public static QuantizedTensor encode(Tensor latent, QuantizedTensor grids) {
    GroupLayout groups = grids.groups();
    byte[] codes =
        codes(place(latent.detach(), grids, zeros(grids)), grids.format())
            .reshape(groups.rows(), -1)
            .narrow(1, 0, groups.columns())
            .to(DType.I64)
            .to(DType.I8)
            .contiguous()
            .segment()
            .toArray(ValueLayout.JAVA_BYTE);
    return new QuantizedTensor(
        grids.format(),
        groups,
        grids.scaleType(),
        MemorySegment.ofArray(codes),
        grids.zeros(),
        grids.scales(),
        grids.shifts());
  }

  /** Where numbers [rows, groups, size] lie among the levels: (w - shift) / scale + zero. */
  private static Tensor place(Tensor latent, QuantizedTensor grids, Tensor zeros) {
    GroupLayout groups = grids.groups();
    int padded = groups.perRow() * groups.size();
    Tensor rows = latent.reshape(groups.rows(), groups.columns());
    Tensor grouped =
        (padded == groups.columns() ? rows : rows.padTo(groups.rows(), padded))
            .reshape(groups.rows(), groups.perRow(), groups.size());
    Optional<Tensor> shifts = grids.shifts().map(s -> s.detach().unsqueeze(2));
    Tensor place = shifts.map(grouped::sub).orElse(grouped).div(steps(grids));
    return grids.format().hasZeros() ? place.add(zeros) : place;
  }

  /** Distances between levels [rows, groups, 1], to divide by. */
  private static Tensor steps(QuantizedTensor grids) {
    return grids.scales().detach().unsqueeze(2).clampMin(MIN_SCALE);
  }

  /** Zero points [rows, groups, 1], or a single zero. */
  private static Tensor zeros(QuantizedTensor grids) {
    GroupLayout groups = grids.groups();
    if (!grids.format().hasZeros()) {
      return Tensor.zeros(grids.scales().dtype(), 1, 1, 1);
    }
    float[] zeros = new float[groups.count()];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = grids.zero(i / groups.perRow(), i % groups.perRow());
    }
    return Tensor.of(zeros, groups.rows(), groups.perRow(), 1).to(grids.scales().dtype());
  }

  /** Codes of the nearest levels; the lower one between two, or the even one of integers. */
  private static Tensor codes(Tensor place, ScalarFormat format) {
    double[] table = table(format);
    return switch (format) {
      case ScalarFormat.Integers _, ScalarFormat.Ternary _ ->
          place.clamp(table[0], table[table.length - 1]).round().add(-table[0]);
      case ScalarFormat.PowersOfTwo _, ScalarFormat.LloydMax _ -> {
        double[] between = new double[table.length - 1];
        for (int i = 0; i < between.length; i++) {
          between[i] = (table[i] + table[i + 1]) / 2;
        }
        yield place.bucketize(Tensor.of(between, between.length).to(place.dtype()));
      }
    };
  }

  private static Tensor levels(Tensor codes, ScalarFormat format) {
    double[] table = table(format);
    return switch (format) {
      case ScalarFormat.Integers _, ScalarFormat.Ternary _ -> codes.add(table[0]);
      case ScalarFormat.PowersOfTwo _, ScalarFormat.LloydMax _ ->
          Tensor.of(table, table.length)
              .to(DType.F32)
              .indexSelect(0, codes.reshape(-1))
              .reshape(codes.shape());
    };
  }

  private static double[] table(ScalarFormat format) {
    return format.levels().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The factorization with cores made from latent numbers by {@link #round}, to train through the
   * rounding.
   *
   * @param latents one a core, of its shape
   */
  public static Factorization through(Quantized grids, List<Tensor> latents) {
    List<Tensor> cores = new ArrayList<>();
    for (int i = 0; i < latents.size(); i++) {
      Tensor latent = latents.get(i);
      cores.add(
          switch (grids.tensors().get(i)) {
            case QuantizedTensor codes -> round(latent, codes);
            case ScaledIntegers integers -> IntegersStraightThrough.round(latent, integers);
          });
    }
    return grids.structure().withCores(cores);
  }

  /** The same codes as {@link #through} computes with, to be stored. */
  public static Quantized freeze(Quantized grids, List<Tensor> latents) {
    List<CodedTensor> frozen = new ArrayList<>();
    for (int i = 0; i < latents.size(); i++) {
      Tensor latent = latents.get(i);
      frozen.add(
          switch (grids.tensors().get(i)) {
            case QuantizedTensor codes -> encode(latent, codes);
            case ScaledIntegers integers -> IntegersStraightThrough.encode(latent, integers);
          });
    }
    return new Quantized(grids.structure(), grids.rows(), grids.columns(), frozen);
  }
}
