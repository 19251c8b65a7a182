package io.karipap;

import java.util.Optional;

/** Checks of what the caller of a builder gives. */
final class Parameters {

  private Parameters() {}

  /** Fails with a message unless the condition holds. */
  static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Fails unless {@code value >= least}. */
  static void atLeast(long least, String name, long value) {
    require(value >= least, "`%s` must be at least %d, not %d".formatted(name, least, value));
  }

  /** A value that has no default. */
  static <T> T given(Optional<T> value, String name, String meaning) {
    return value.orElseThrow(
        () -> new IllegalArgumentException("`%s` is missing: give %s".formatted(name, meaning)));
  }
}
