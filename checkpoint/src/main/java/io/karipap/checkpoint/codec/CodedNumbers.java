package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.EntropyCodedForm;
import io.karipap.checkpoint.form.StoredTensor;
import io.karipap.checkpoint.safetensors.TensorStore;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * A tensor as it is stored by an {@link EntropyCodedForm}: integers K [rows, columns] as coded by
 * {@link CodedIntegers}, and the scales a of rows and b of columns, V = diag(a) K diag(b).
 *
 * @param stream the coded integers
 * @param levels the same decoded, row-major, signed
 * @param rows a
 * @param columns b
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
public record CodedNumbers(byte[] stream, byte[] levels, LogScales rows, LogScales columns) {

  /**
   * Reads a tensor.
   *
   * @param core the tensor that the structure has
   * @param length of the stream in bytes
   * @throws CheckpointException if a part is missing, of another size, or damaged
   */
  public static CodedNumbers read(TensorStore store, StoredTensor core, int length) {
    int rows = EntropyCodedForm.rowsOf(core);
    int columns = EntropyCodedForm.columnsOf(core);
    byte[] stream = bytes(store, core.name() + ".integers", length);
    byte[] scales =
        bytes(
            store,
            core.name() + ".scales",
            LogScales.bytes(rows) + (long) LogScales.bytes(columns));
    ByteBuffer buffer = ByteBuffer.wrap(scales);
    return new CodedNumbers(
        stream,
        CodedIntegers.decode(stream, rows, columns),
        LogScales.read(buffer, rows),
        LogScales.read(buffer, columns));
  }

  private static byte[] bytes(TensorStore store, String name, long count) {
    return StoredNumbers.bytes(store, name, count).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The stored bytes of the scales. */
  public static byte[] scaleBytes(LogScales rows, LogScales columns) {
    ByteBuffer bytes =
        ByteBuffer.allocate(
            LogScales.bytes(rows.codes().length) + LogScales.bytes(columns.codes().length));
    rows.write(bytes);
    columns.write(bytes);
    return bytes.array();
  }

  /** The numbers, row-major. */
  float[] numbers() {
    double[] a = rows.values();
    double[] b = columns.values();
    float[] numbers = new float[levels.length];
    for (int at = 0; at < numbers.length; at++) {
      numbers[at] = (float) a[at / b.length] * levels[at] * (float) b[at % b.length];
    }
    return numbers;
  }
}
