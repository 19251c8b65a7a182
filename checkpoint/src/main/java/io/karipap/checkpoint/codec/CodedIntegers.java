package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A matrix of small integers as bytes: the number of states of the trellis, the classes of rows and
 * columns, a table of frequencies for every context, and streams of {@link IndexCoder} that are
 * decoded side by side.
 *
 * <p>All numbers are little endian. In this order: binary logarithm of the states and number of
 * classes, one byte each; classes of rows, then of columns, two in a byte, the first in the lower
 * half; of every table the first index and the number of indices, one byte each, and their
 * frequencies; length of every stream in words of 16 bits; the streams. Lengths and frequencies are
 * of seven bits a byte, the lowest first, all bytes but the last with their highest bit set.
 */
public final class CodedIntegers {

  /** Numbers of a stream, about: it costs 16 bytes, and none is worth a task of its own. */
  private static final int STREAM = 1 << 16;

  /** Classes of rows, and of columns, are less. */
  public static final int CLASSES = 16;

  private CodedIntegers() {}

  /** Columns of a stream; the last one may have fewer. */
  private static int width(int rows) {
    int groups = Math.max(1, STREAM / rows / IndexCoder.LANES);
    return groups * IndexCoder.LANES;
  }

  /**
   * The bytes of a matrix.
   *
   * @param trellis that the indices are of
   * @param indices row-major [rows, columns]
   * @param rowClasses and columnClasses: below {@link #CLASSES}; their sum is the class of a number
   * @throws IllegalArgumentException if the level of an index is no byte, or a class too large
   */
  public static byte[] encode(
      Trellis trellis, byte[] indices, int[] rowClasses, int[] columnClasses) {
    requireClasses(rowClasses);
    requireClasses(columnClasses);
    int rows = rowClasses.length;
    int columns = columnClasses.length;
    List<FrequencyTable> tables = new ArrayList<>();
    for (long[] counts : counts(trellis, indices, rowClasses, columnClasses)) {
      tables.add(FrequencyTable.of(counts));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(Integer.numberOfTrailingZeros(trellis.states()));
    bytes.write(tables.size() / trellis.quantizers());
    writeClasses(bytes, rowClasses, columnClasses);
    for (FrequencyTable table : tables) {
      bytes.write(table.first());
      bytes.write(table.frequencies().size());
      table.frequencies().forEach(f -> writeNumber(bytes, f));
    }
    IndexCoder coder = new IndexCoder(trellis, tables);
    int width = width(rows);
    List<char[]> streams =
        IntStream.range(0, Math.ceilDiv(columns, width))
            .parallel()
            .mapToObj(s ->
                coder.encode(
                    indices,
                    rowClasses,
                    columnClasses,
                    s * width,
                    Math.min(columns, (s + 1) * width)))
            .toList();
    streams.forEach(stream -> writeNumber(bytes, stream.length));
    for (char[] stream : streams) {
      ByteBuffer words = ByteBuffer.allocate(2 * stream.length).order(ByteOrder.LITTLE_ENDIAN);
      words.asCharBuffer().put(stream);
      bytes.writeBytes(words.array());
    }
    return bytes.toByteArray();
  }

  private static void requireClasses(int[] classes) {
    if (Arrays.stream(classes).anyMatch(c -> c < 0 || c >= CLASSES)) {
      throw new IllegalArgumentException("classes of rows and columns are 0 to " + (CLASSES - 1));
    }
  }

  /**
   * How often each index comes up in each context: by class of the number times the trellis'
   * quantizers plus quantizer, and index + 128.
   */
  public static long[][] counts(
      Trellis trellis, byte[] indices, int[] rowClasses, int[] columnClasses) {
    int classes =
        1
            + Arrays.stream(rowClasses).max().orElse(0)
            + Arrays.stream(columnClasses).max().orElse(0);
    int quantizers = trellis.quantizers();
    long[][] counts = new long[classes * quantizers][256];
    for (int column = 0; column < columnClasses.length; column++) {
      int state = 0;
      for (int row = rowClasses.length - 1; row >= 0; row--) {
        int k = indices[row * columnClasses.length + column];
        int context =
            (rowClasses[row] + columnClasses[column]) * quantizers + trellis.quantizer(state);
        counts[context][k + 128]++;
        state = trellis.next(state, k);
      }
    }
    return counts;
  }

  private static void writeClasses(
      ByteArrayOutputStream bytes, int[] rowClasses, int[] columnClasses) {
    int[] all = IntStream.concat(Arrays.stream(rowClasses), Arrays.stream(columnClasses)).toArray();
    for (int i = 0; i < all.length; i += 2) {
      bytes.write(all[i] | (i + 1 < all.length ? all[i + 1] << 4 : 0));
    }
  }

  private static void writeNumber(ByteArrayOutputStream bytes, int number) {
    int rest = number;
    while (rest > 127) {
      bytes.write(rest | 128);
      rest >>>= 7;
    }
    bytes.write(rest);
  }

  /**
   * The levels of the indices.
   *
   * @param bytes made by {@link #encode}
   * @return row-major [rows, columns], signed
   * @throws CheckpointException if the bytes are damaged
   */
  public static byte[] decode(byte[] bytes, int rows, int columns) {
    try {
      return decoded(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), rows, columns);
    } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
      throw damaged(e);
    }
  }

  private static byte[] decoded(ByteBuffer bytes, int rows, int columns) {
    Trellis trellis = Trellis.of(1 << (bytes.get() & 15));
    int classes = Byte.toUnsignedInt(bytes.get());
    if (classes >= 2 * CLASSES) {
      throw new IllegalArgumentException("there are at most 31 classes, not " + classes);
    }
    int[] all = readClasses(bytes, rows + columns);
    int[] rowClasses = Arrays.copyOf(all, rows);
    int[] columnClasses = Arrays.copyOfRange(all, rows, rows + columns);
    IndexCoder coder = new IndexCoder(trellis, readTables(bytes, classes * trellis.quantizers()));
    int width = width(rows);
    List<char[]> streams = readStreams(bytes, Math.ceilDiv(columns, width));
    byte[] levels = new byte[Math.multiplyExact(rows, columns)];
    IntStream.range(0, streams.size())
        .parallel()
        .forEach(s -> {
          int to = Math.min(columns, (s + 1) * width);
          coder.decode(streams.get(s), rowClasses, columnClasses, s * width, to, levels);
        });
    return levels;
  }

  private static int[] readClasses(ByteBuffer bytes, int count) {
    byte[] packed = new byte[Math.ceilDiv(count, 2)];
    bytes.get(packed);
    return IntStream.range(0, count)
        .map(i -> i % 2 == 0 ? packed[i / 2] & 15 : Byte.toUnsignedInt(packed[i / 2]) >> 4)
        .toArray();
  }

  private static List<FrequencyTable> readTables(ByteBuffer bytes, int count) {
    List<FrequencyTable> tables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int first = bytes.get();
      int indices = Byte.toUnsignedInt(bytes.get());
      List<Integer> frequencies = new ArrayList<>();
      for (int k = 0; k < indices; k++) {
        frequencies.add(readNumber(bytes));
      }
      tables.add(new FrequencyTable(first, frequencies));
    }
    return tables;
  }

  private static List<char[]> readStreams(ByteBuffer bytes, int count) {
    int[] lengths = new int[count];
    for (int s = 0; s < count; s++) {
      lengths[s] = readNumber(bytes);
    }
    if (2 * Arrays.stream(lengths).asLongStream().sum() != bytes.remaining()) {
      throw new IllegalArgumentException("the streams are not as long as they should be");
    }
    List<char[]> streams = new ArrayList<>();
    for (int length : lengths) {
      char[] stream = new char[length];
      bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asCharBuffer().get(stream);
      bytes.position(bytes.position() + 2 * length);
      streams.add(stream);
    }
    return streams;
  }

  /** The states of the trellis that coded integers were rounded by. */
  public static int states(byte[] bytes) {
    return 1 << (bytes[0] & 15);
  }

  private static int readNumber(ByteBuffer bytes) {
    int number = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      int next = bytes.get();
      number |= (next & 127) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new IllegalArgumentException("a number has more than 28 bits");
  }

  private static CheckpointException damaged(RuntimeException cause) {
    return new CheckpointException(
        "coded numbers are damaged (%s): download or make the model again"
            .formatted(cause.getMessage()),
        cause);
  }
}
