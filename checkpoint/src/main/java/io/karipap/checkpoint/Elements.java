package io.karipap.checkpoint;

import java.lang.foreign.MemorySegment;

/** Conversion to and from float32. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class Elements {
  private Elements() {}

  /** Widens little-endian data. */
  public static float[] toFloat(ElementType type, MemorySegment data) {
    throw new UnsupportedOperationException();
  }

  /** Narrows with rounding to nearest even. */
  public static void fromFloat(float[] values, ElementType type, MemorySegment out) {
    throw new UnsupportedOperationException();
  }
}
