package io.karipap.checkpoint.tokenizer;

import java.util.Arrays;

/**
 * Text of a growing sequence of ids, piece by piece, for one generation. The pieces put together
 * are {@link Tokenizer#decode} of the whole sequence. A piece never ends within a character: ids
 * whose bytes do not yet make one are held back.
 *
 * <p>A token's text depends on what precedes it (a leading space is dropped at the start of a
 * text), so the last visible tokens are decoded again together with the new ones, and the
 * difference is the piece.
 */
public final class StreamingDecoder {
  private static final char REPLACEMENT = '\uFFFD';

  /** Ids held back at most: four make the longest character, more are not going to make one. */
  private static final int MOST_HELD = 16;

  private final Tokenizer tokenizer;
  private int[] shown = {};
  private int[] held = {};

  /** A decoder at the start of a sequence. */
  public StreamingDecoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * The text that one more id makes certain; empty for special tokens and incomplete characters.
   *
   * @throws IllegalArgumentException for an id outside the vocabulary
   */
  public String add(int id) {
    int[] waiting = append(held, new int[] {id});
    String piece = difference(waiting);
    held = waiting;
    boolean open = !piece.isEmpty() && piece.charAt(piece.length() - 1) == REPLACEMENT;
    return piece.isEmpty() || (open && waiting.length < MOST_HELD) ? "" : release(piece);
  }

  /** The end of the sequence: what was held back, broken characters as U+FFFD. */
  public String flush() {
    return release(difference(held));
  }

  private String release(String piece) {
    shown = held;
    held = new int[0];
    return piece;
  }

  private String difference(int[] waiting) {
    String before = tokenizer.decode(shown);
    String all = tokenizer.decode(append(shown, waiting));
    // a broken character can turn the bytes before it, shown already, into replacements as well
    return all.startsWith(before) ? all.substring(before.length()) : tokenizer.decode(waiting);
  }

  private static int[] append(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
