package io.karipap.network.quantize;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.network.QuantizedTensor;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** Collects the codes and grids of a tensor, in any order. */
final class GroupEncoder {

  private final QuantizationScheme scheme;
  private final GroupLayout groups;
  private final GridFit fit;
  private final GroupQuantizer[] grids;
  private final byte[] codes;

  GroupEncoder(QuantizationScheme scheme, GroupLayout groups) {
    this.scheme = scheme;
    this.groups = groups;
    fit = new GridFit(scheme);
    grids = new GroupQuantizer[groups.count()];
    codes = new byte[groups.elements()];
  }

  /** Chooses the grid of a row's group from its numbers and their weights. */
  void fit(int row, int group, double[] w, double[] weights) {
    grids[row * groups.perRow() + group] = fit.fit(w, weights);
  }

  /** Chooses all grids from the numbers in {@code w}, row-major; weights are those of columns. */
  void fitAll(double[] w, double[] weights) {
    for (int group = 0; group < groups.perRow(); group++) {
      int from = group * groups.size();
      double[] part = Arrays.copyOfRange(weights, from, groups.end(group));
      for (int row = 0; row < groups.rows(); row++) {
        int start = row * groups.columns();
        fit(row, group, Arrays.copyOfRange(w, start + from, start + groups.end(group)), part);
      }
    }
  }

  /** Codes a number by its group's grid; gives the number that it became. */
  double encode(int row, int column, double w) {
    GroupQuantizer grid = grids[row * groups.perRow() + column / groups.size()];
    int code = grid.code(w);
    codes[row * groups.columns() + column] = (byte) code;
    return grid.value(code);
  }

  /** All of them; every group must have its grid, and every number its code. */
  QuantizedTensor tensor() {
    byte[] zeros = new byte[scheme.format().hasZeros() ? grids.length : 0];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = (byte) grids[i].zero();
    }
    return new QuantizedTensor(
        scheme.format(),
        groups,
        scheme.scaleType(),
        MemorySegment.ofArray(codes),
        MemorySegment.ofArray(zeros),
        perGroup(Arrays.stream(grids).mapToDouble(GroupQuantizer::scale).toArray()),
        scheme.format().hasShifts()
            ? Optional.of(
                perGroup(Arrays.stream(grids).mapToDouble(GroupQuantizer::shift).toArray()))
            : Optional.empty());
  }

  private Tensor perGroup(double[] values) {
    return Tensor.of(values, groups.rows(), groups.perRow()).to(DType.F32);
  }
}
