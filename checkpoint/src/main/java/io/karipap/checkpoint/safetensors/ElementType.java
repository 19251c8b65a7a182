package io.karipap.checkpoint.safetensors;

import java.util.Optional;

/** Element types that a tensor file may hold, named as safetensors names them. */
public enum ElementType {
  /** IEEE binary64. */
  F64(8),
  /** IEEE binary32. */
  F32(4),
  /** IEEE binary16. */
  F16(2),
  /** The upper half of a binary32: 8 exponent bits, 7 bits of mantissa. */
  BF16(2),
  /** Signed, two's complement, 64 bits. */
  I64(8),
  /** Signed, two's complement, 32 bits. */
  I32(4),
  /** Signed, two's complement, 16 bits. */
  I16(2),
  /** Signed, two's complement, 8 bits. */
  I8(1),
  /** Unsigned, 8 bits. */
  U8(1),
  /** One byte, 0 or 1. */
  BOOL(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** The type of that exact name, or empty where it is unknown. */
  static Optional<ElementType> named(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
