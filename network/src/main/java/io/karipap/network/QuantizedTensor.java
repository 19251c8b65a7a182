package io.karipap.network;

import io.karipap.checkpoint.codec.ScalarCodes;
import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A tensor whose numbers are codes of a {@link ScalarFormat}, with a scale for every group of them.
 * Its scales and shifts are variables; codes and zero points are constants, which live on the heap
 * and with no tensor scope.
 *
 * @param format what codes stand for
 * @param groups the tensor's shape and its division into groups
 * @param scaleType what scales and shifts are rounded to when they are stored
 * @param codes one unsigned byte an element, row-major
 * @param zeros one unsigned byte a group; empty unless the format has zero points
 * @param scales [rows, groups of a row]
 * @param shifts of the scales' shape, if the format has them
 */
public record QuantizedTensor(
    ScalarFormat format,
    GroupLayout groups,
    ScaleType scaleType,
    MemorySegment codes,
    MemorySegment zeros,
    Tensor scales,
    Optional<Tensor> shifts)
    implements CodedTensor {

  /**
   * Checks sizes and codes.
   *
   * @throws IllegalArgumentException if a part has another size than the groups say, or a code or
   *     zero point is none of the format's
   */
  public QuantizedTensor {
    var checked = new ScalarCodes(format, groups, codes, zeros);
    codes = checked.codes();
    zeros = checked.zeros();
    requireShape("scales", scales, groups);
    if (shifts.isPresent() != format.hasShifts()) {
      throw new IllegalArgumentException(
          "%s has %s shifts".formatted(format.label(), format.hasShifts() ? "" : "no"));
    }
    shifts.ifPresent(values -> requireShape("shifts", values, groups));
  }

  private static void requireShape(String what, Tensor values, GroupLayout groups) {
    if (!Arrays.equals(values.shape(), new long[] {groups.rows(), groups.perRow()})) {
      throw new IllegalArgumentException(
          "%s have shape %s, the groups are %d x %d"
              .formatted(what, Arrays.toString(values.shape()), groups.rows(), groups.perRow()));
    }
  }

  /** The element type that scales and shifts are stored in. */
  public DType storedScales() {
    return switch (scaleType) {
      case F16 -> DType.F16;
      case BF16 -> DType.BF16;
    };
  }

  /** Codes and zero points alone. */
  public ScalarCodes scalarCodes() {
    return new ScalarCodes(format, groups, codes, zeros);
  }

  /** The code of an element. */
  public int code(int row, int column) {
    long at = (long) row * groups.columns() + column;
    return Byte.toUnsignedInt(codes.get(ValueLayout.JAVA_BYTE, at));
  }

  /** Zero point of a group; 0 in formats without. */
  public int zero(int row, int group) {
    return format.hasZeros()
        ? Byte.toUnsignedInt(zeros.get(ValueLayout.JAVA_BYTE, (long) row * groups.perRow() + group))
        : 0;
  }

  /** Scales and, if the format has them, shifts: what training changes. */
  @Override
  public List<Tensor> variables() {
    return shifts.map(s -> List.of(scales, s)).orElseGet(() -> List.of(scales));
  }

  /** The same codes with other scales and shifts, in the order of {@link #variables}. */
  @Override
  public QuantizedTensor withVariables(List<Tensor> variables) {
    return new QuantizedTensor(
        format,
        groups,
        scaleType,
        codes,
        zeros,
        variables.getFirst(),
        shifts.map(_ -> variables.get(1)));
  }

  /**
   * The numbers that the codes stand for, in the element type of the scales; differentiable by
   * scales and shifts.
   */
  @Override
  public Tensor values() {
    int padded = groups.perRow() * groups.size();
    Tensor levels =
        Tensor.of(scalarCodes().levels(), groups.rows(), groups.perRow(), groups.size())
            .to(scales.dtype());
    Tensor scaled = levels.mul(scales.unsqueeze(2));
    Tensor all = shifts.isPresent() ? scaled.add(shifts.get().unsqueeze(2)) : scaled;
    return all.reshape(groups.rows(), padded)
        .narrow(1, 0, groups.columns())
        .reshape(groups.dimensions());
  }

  @Override
  public List<Long> shape() {
    return groups.shape();
  }

  @Override
  public boolean isIndependent() {
    return true;
  }

  @Override
  public double bitsPerNumber() {
    return format.bitsPerNumber();
  }

  /** Numbers stored: codes, zero points, scales and shifts. */
  @Override
  public long parameters() {
    return groups.elements()
        + zeros.byteSize()
        + variables().stream().mapToLong(Tensor::elements).sum();
  }
}
