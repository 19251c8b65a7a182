package io.karipap.model.text;

import java.util.Arrays;

/** An immutable sequence of token ids. */
public final class TokenSequence {

  private final int[] ids;

  private TokenSequence(int[] ids) {
    this.ids = ids;
  }

  /** A copy of ids. */
  public static TokenSequence of(int... ids) {
    return new TokenSequence(ids.clone());
  }

  /** Number of tokens. */
  public int size() {
    return ids.length;
  }

  /** The ids at {@code start}, ..., {@code start + length - 1}, as int64 tensors want them. */
  public long[] slice(int start, int length) {
    return Arrays.stream(ids, start, start + length).asLongStream().toArray();
  }
}
