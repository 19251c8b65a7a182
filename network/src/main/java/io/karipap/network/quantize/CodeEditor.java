package io.karipap.network.quantize;

import io.karipap.network.QuantizedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The codes of a tensor, to be changed while its grids stay. */
final class CodeEditor {

  private final QuantizedTensor tensor;
  private final GroupQuantizer[] grids;
  private final byte[] codes;
  private final int levels;

  CodeEditor(QuantizedTensor tensor) {
    this.tensor = tensor;
    codes = tensor.codes().toArray(ValueLayout.JAVA_BYTE);
    double[] table = tensor.format().levels().stream().mapToDouble(Double::doubleValue).toArray();
    levels = table.length;
    double[] scales = tensor.scales().toDoubles();
    double[] shifts = tensor.shifts().map(s -> s.toDoubles()).orElseGet(() -> new double[0]);
    int perRow = tensor.groups().perRow();
    grids = new GroupQuantizer[scales.length];
    for (int i = 0; i < grids.length; i++) {
      grids[i] =
          new GroupQuantizer(
              table,
              scales[i],
              tensor.zero(i / perRow, i % perRow),
              shifts.length == 0 ? 0 : shifts[i]);
    }
  }

  int levels() {
    return levels;
  }

  GroupQuantizer grid(int row, int column) {
    return grids[row * tensor.groups().perRow() + column / tensor.groups().size()];
  }

  int code(int row, int column) {
    return Byte.toUnsignedInt(codes[row * tensor.groups().columns() + column]);
  }

  void set(int row, int column, int code) {
    codes[row * tensor.groups().columns() + column] = (byte) code;
  }

  /** With the codes as they are now. */
  QuantizedTensor tensor() {
    return new QuantizedTensor(
        tensor.format(),
        tensor.groups(),
        tensor.scaleType(),
        MemorySegment.ofArray(codes.clone()),
        tensor.zeros(),
        tensor.scales(),
        tensor.shifts());
  }
}
