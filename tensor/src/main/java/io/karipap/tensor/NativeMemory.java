package io.karipap.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Memory of tensors that were released. */
public final class NativeMemory {

  private NativeMemory() {}

  /**
   * Gives memory that is free back to the system, where the C library can (glibc's {@code
   * malloc_trim}). To be called between phases of work that need blocks of different sizes: what
   * one has left in pieces is of no use to the next. Elsewhere it does nothing.
   */
  @SuppressWarnings("restricted") // the function has been in glibc, with this signature, since 1996
  public static void trim() {
    Linker linker = Linker.nativeLinker();
    linker
        .defaultLookup()
        .find("malloc_trim")
        .map(address ->
            linker.downcallHandle(
                address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)))
        .ifPresent(trim -> {
          try {
            var _ = (int) trim.invokeExact(0L);
          } catch (Throwable e) {
            throw new IllegalStateException("malloc_trim throws nothing", e);
          }
        });
  }
}
