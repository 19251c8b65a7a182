package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import java.util.Arrays;
import java.util.List;

/**
 * Codes the indices of matrices by asymmetric numeral systems (Duda 2013; range variant with four
 * interleaved states of 32 bits that are refilled by 16, Giesen 2014).
 *
 * <p>A matrix [rows, columns] is coded by its columns, four at a time, from bottom to top: one
 * state for each, and each with its own path through the trellis. (Errors are fed back from the
 * last row on, and the quantizer's path goes the same way.) The context of an index is the class of
 * its row plus that of its column, and the quantizer that the trellis asks for. The four columns of
 * a group begin in state 0 of the trellis, so that any run of groups can be coded as a stream of
 * its own: where decoding in parallel begins.
 */
public final class IndexCoder {

  /** Columns that are coded together. */
  public static final int LANES = 4;

  private static final int BITS = FrequencyTable.BITS;
  private static final int MASK = FrequencyTable.TOTAL - 1;
  private static final long LOWEST = 1L << 16;

  private final Trellis trellis;
  private final List<FrequencyTable> tables;
  private final int[] slots; // by context and slot: frequency - 1, offset in it, index
  private final int[] escapes; // by context: the first slot of the escape
  private final int[] starts; // by context and index + 128: the first slot
  private final int[] next; // by 2 state + parity: the state after
  private final int quantizers;
  private final int shift; // a level is an index times two where there are two quantizers
  private final int largest; // magnitude of an index whose level is a byte

  /**
   * A coder.
   *
   * @param tables by context: class of the number times {@link Trellis#quantizers} plus quantizer
   */
  public IndexCoder(Trellis trellis, List<FrequencyTable> tables) {
    this.trellis = trellis;
    this.tables = List.copyOf(tables);
    slots = new int[tables.size() << BITS];
    escapes = new int[tables.size()];
    starts = new int[tables.size() * 256];
    quantizers = trellis.quantizers();
    shift = quantizers - 1;
    largest = quantizers == 1 ? 127 : 63;
    next = new int[2 * trellis.states()];
    for (int i = 0; i < next.length; i++) {
      next[i] = trellis.next(i / 2, i % 2);
    }
    for (int context = 0; context < tables.size(); context++) {
      fill(context, tables.get(context));
    }
  }

  private void fill(int context, FrequencyTable table) {
    int slot = 0;
    for (int k = Byte.MIN_VALUE; k <= Byte.MAX_VALUE; k++) {
      int f = table.frequency(k);
      starts[256 * context + k + 128] = slot;
      for (int i = 0; i < f; i++) {
        slots[(context << BITS) + slot++] = packed(f, i, k);
      }
    }
    escapes[context] = slot;
    int f = FrequencyTable.TOTAL - slot;
    for (int i = 0; i < f; i++) {
      slots[(context << BITS) + slot++] = packed(f, i, 0);
    }
  }

  private static int packed(int frequency, int offset, int k) {
    return (frequency - 1) << 20 | offset << 8 | (k & 0xff);
  }

  /** Number of classes of numbers. */
  public int classes() {
    return tables.size() / trellis.quantizers();
  }

  /**
   * The stream of some columns.
   *
   * @param indices of the whole matrix, row-major
   * @param rowClasses and columnClasses: their sum is the class of a number
   * @param from the first column, a multiple of {@link #LANES}
   * @param to the column after the last
   * @throws IllegalArgumentException if the level of an index is no byte, or there are more classes
   *     than tables
   */
  public char[] encode(byte[] indices, int[] rowClasses, int[] columnClasses, int from, int to) {
    int rows = rowClasses.length;
    int columns = columnClasses.length;
    requireClasses(rowClasses, columnClasses);
    int[] contexts = contexts(indices, rowClasses, columnClasses, from, to);
    char[] backwards = new char[2 * (to - from) * rows + 2 * LANES];
    int words = 0;
    long[] states = {LOWEST, LOWEST, LOWEST, LOWEST};
    for (int first = from + (to - from - 1) / LANES * LANES; first >= from; first -= LANES) {
      int lanes = Math.min(LANES, to - first);
      for (int row = 0; row < rows; row++) {
        for (int lane = lanes - 1; lane >= 0; lane--) {
          int column = first + lane;
          int k = indices[row * columns + column];
          if (k > largest || k < -largest) {
            throw new IllegalArgumentException(
                "an index is -%d to %d, not %d".formatted(largest, largest, k));
          }
          int context = contexts[row * (to - from) + column - from];
          int f = tables.get(context).frequency(k);
          if (f == 0) {
            words = push(states, lane, 16, 16 * (k & 0xff), backwards, words);
            int escape = escapes[context];
            words = push(states, lane, FrequencyTable.TOTAL - escape, escape, backwards, words);
          } else {
            words = push(states, lane, f, starts[256 * context + k + 128], backwards, words);
          }
        }
      }
    }
    for (int lane = LANES - 1; lane >= 0; lane--) {
      backwards[words++] = (char) states[lane];
      backwards[words++] = (char) (states[lane] >>> 16);
    }
    char[] stream = new char[words];
    for (int i = 0; i < words; i++) {
      stream[i] = backwards[words - 1 - i];
    }
    return stream;
  }

  private static int push(long[] states, int lane, int f, int start, char[] words, int count) {
    long x = states[lane];
    int next = count;
    if (x >= (long) f << (32 - BITS)) {
      words[next++] = (char) x;
      x >>>= 16;
    }
    states[lane] = ((x / f) << BITS) + x % f + start;
    return next;
  }

  /** The context of every number: the trellis runs down each column. */
  private int[] contexts(byte[] indices, int[] rowClasses, int[] columnClasses, int from, int to) {
    int[] contexts = new int[rowClasses.length * (to - from)];
    for (int column = from; column < to; column++) {
      int state = 0;
      for (int row = rowClasses.length - 1; row >= 0; row--) {
        contexts[row * (to - from) + column - from] =
            context(rowClasses[row] + columnClasses[column], state);
        state = trellis.next(state, indices[row * columnClasses.length + column]);
      }
    }
    return contexts;
  }

  private int context(int numberClass, int state) {
    return quantizers * numberClass + (state & (quantizers - 1));
  }

  /**
   * The levels of some columns.
   *
   * @param levels of the whole matrix, row-major; those of the columns are set, as signed bytes
   * @throws CheckpointException if the stream is damaged: not all of it is used, more of it is
   *     needed, it does not end where the encoder began, or a level is no byte
   */
  public void decode(
      char[] stream, int[] rowClasses, int[] columnClasses, int from, int to, byte[] levels) {
    if (stream.length < 2 * LANES) {
      throw damaged();
    }
    requireClasses(rowClasses, columnClasses);
    Decoding decoding = new Decoding(stream, rowClasses, columnClasses, levels);
    for (int first = from; first < to; first += LANES) {
      if (to - first >= LANES) {
        decoding.four(first);
      } else {
        decoding.fewer(first, to - first);
      }
    }
    decoding.end();
  }

  private void requireClasses(int[] rowClasses, int[] columnClasses) {
    int most =
        Arrays.stream(rowClasses).max().orElse(0) + Arrays.stream(columnClasses).max().orElse(0);
    if (most >= classes()) {
      throw new IllegalArgumentException(
          "there are tables for %d classes of numbers, and a number of class %d"
              .formatted(classes(), most));
    }
  }

  private static CheckpointException damaged() {
    return new CheckpointException(
        "a stream of coded numbers is damaged: download or make the model again");
  }

  /** A stream that is being read. */
  private final class Decoding {

    private final char[] stream;
    private final int[] rowClasses;
    private final int[] columnClasses;
    private final byte[] levels;
    private final long[] states = new long[LANES];
    private int at;

    Decoding(char[] stream, int[] rowClasses, int[] columnClasses, byte[] levels) {
      this.stream = stream;
      this.rowClasses = rowClasses;
      this.columnClasses = columnClasses;
      this.levels = levels;
      for (int lane = 0; lane < LANES; lane++) {
        states[lane] = (long) stream[at] << 16 | stream[at + 1];
        at += 2;
      }
    }

    /**
     * Decodes four columns. Everything is in local variables and written out for each lane, so that
     * the arithmetic of the four overlaps in the processor: three times as fast as a call for each.
     */
    void four(int first) {
      int columns = columnClasses.length;
      int path0 = 0;
      int c0 = columnClasses[first + 0] * quantizers;
      long x0 = states[0];
      int path1 = 0;
      int c1 = columnClasses[first + 1] * quantizers;
      long x1 = states[1];
      int path2 = 0;
      int c2 = columnClasses[first + 2] * quantizers;
      long x2 = states[2];
      int path3 = 0;
      int c3 = columnClasses[first + 3] * quantizers;
      long x3 = states[3];
      int last = rowClasses.length - 1;
      for (int row = last, place = last * columns + first; row >= 0; row--, place -= columns) {
        int rowClass = rowClasses[row] * quantizers;
        int context0 = rowClass + c0 + (path0 & 1);
        int slot0 = (int) x0 & MASK;
        int entry0 = slots[(context0 << BITS) + slot0];
        x0 = ((entry0 >>> 20) + 1) * (x0 >>> BITS) + (entry0 >>> 8 & MASK);
        if (x0 < LOWEST) {
          x0 = x0 << 16 | word();
        }
        int k0 = (byte) entry0;
        if (slot0 >= escapes[context0]) {
          k0 = escaped(x0);
          x0 = withoutEscaped(x0);
        }
        levels[place + 0] = level(k0, path0 & 1);
        path0 = next[2 * path0 + (k0 & 1)];
        int context1 = rowClass + c1 + (path1 & 1);
        int slot1 = (int) x1 & MASK;
        int entry1 = slots[(context1 << BITS) + slot1];
        x1 = ((entry1 >>> 20) + 1) * (x1 >>> BITS) + (entry1 >>> 8 & MASK);
        if (x1 < LOWEST) {
          x1 = x1 << 16 | word();
        }
        int k1 = (byte) entry1;
        if (slot1 >= escapes[context1]) {
          k1 = escaped(x1);
          x1 = withoutEscaped(x1);
        }
        levels[place + 1] = level(k1, path1 & 1);
        path1 = next[2 * path1 + (k1 & 1)];
        int context2 = rowClass + c2 + (path2 & 1);
        int slot2 = (int) x2 & MASK;
        int entry2 = slots[(context2 << BITS) + slot2];
        x2 = ((entry2 >>> 20) + 1) * (x2 >>> BITS) + (entry2 >>> 8 & MASK);
        if (x2 < LOWEST) {
          x2 = x2 << 16 | word();
        }
        int k2 = (byte) entry2;
        if (slot2 >= escapes[context2]) {
          k2 = escaped(x2);
          x2 = withoutEscaped(x2);
        }
        levels[place + 2] = level(k2, path2 & 1);
        path2 = next[2 * path2 + (k2 & 1)];
        int context3 = rowClass + c3 + (path3 & 1);
        int slot3 = (int) x3 & MASK;
        int entry3 = slots[(context3 << BITS) + slot3];
        x3 = ((entry3 >>> 20) + 1) * (x3 >>> BITS) + (entry3 >>> 8 & MASK);
        if (x3 < LOWEST) {
          x3 = x3 << 16 | word();
        }
        int k3 = (byte) entry3;
        if (slot3 >= escapes[context3]) {
          k3 = escaped(x3);
          x3 = withoutEscaped(x3);
        }
        levels[place + 3] = level(k3, path3 & 1);
        path3 = next[2 * path3 + (k3 & 1)];
      }
      states[0] = x0;
      states[1] = x1;
      states[2] = x2;
      states[3] = x3;
    }

    /** Decodes the last columns of a matrix. */
    void fewer(int first, int lanes) {
      int[] path = new int[lanes];
      for (int row = rowClasses.length - 1; row >= 0; row--) {
        for (int lane = 0; lane < lanes; lane++) {
          int column = first + lane;
          path[lane] =
              index(
                  lane,
                  rowClasses[row] + columnClasses[column],
                  path[lane],
                  row * columnClasses.length + column);
        }
      }
    }

    /** Decodes one index; returns the state of the trellis after it. */
    private int index(int lane, int numberClass, int path, int place) {
      int quantizer = path & 1;
      int context = numberClass * quantizers + quantizer;
      long x = states[lane];
      int slot = (int) x & MASK;
      int entry = slots[(context << BITS) + slot];
      x = ((entry >>> 20) + 1) * (x >>> BITS) + (entry >>> 8 & MASK);
      int k = (byte) entry;
      if (x < LOWEST) {
        x = x << 16 | word();
      }
      if (slot >= escapes[context]) {
        k = escaped(x);
        x = withoutEscaped(x);
      }
      states[lane] = x;
      levels[place] = level(k, quantizer);
      return next[2 * path + (k & 1)];
    }

    private byte level(int k, int quantizer) {
      return (byte) ((k << shift) - quantizer * ((k >> 31) | (-k >>> 31)));
    }

    /** The index whose eight bits are next. */
    private int escaped(long x) {
      int k = (byte) (x >>> 4);
      if (k > largest || k < -largest) {
        throw damaged();
      }
      return k;
    }

    /** The state after those eight bits. */
    private long withoutEscaped(long x) {
      long rest = (x >>> BITS << 4) + (x & 15);
      return rest < LOWEST ? rest << 16 | word() : rest;
    }

    private int word() {
      if (at == stream.length) {
        throw damaged();
      }
      return stream[at++];
    }

    void end() {
      for (long state : states) {
        if (state != LOWEST) {
          throw damaged();
        }
      }
      if (at != stream.length) {
        throw damaged();
      }
    }
  }
}
