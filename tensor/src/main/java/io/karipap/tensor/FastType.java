package io.karipap.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The element type in which this machine multiplies matrices fastest.
 *
 * <p>It follows from the processor's features and is not measured: the load of the machine must not
 * change the result of a seed.
 */
public final class FastType {

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private FastType() {}

  /**
   * BF16 where the processor has instructions for its products (AMX, or the ones of AVX-512, which
   * are twice as fast as F32), else F32.
   */
  public static DType ofMachine() {
    if (!Files.exists(PROCESSORS)) {
      return DType.F32;
    }
    try (var lines = Files.lines(PROCESSORS)) {
      return lines
              .filter(line -> line.startsWith("flags"))
              .anyMatch(line -> line.contains(" amx_bf16") || line.contains(" avx512_bf16"))
          ? DType.BF16
          : DType.F32;
    } catch (IOException e) {
      return DType.F32;
    }
  }
}
