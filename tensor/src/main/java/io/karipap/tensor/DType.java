package io.karipap.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types of a {@link Tensor}. */
public enum DType {
  F64(ScalarType.Double, 8),
  F32(ScalarType.Float, 4),
  F16(ScalarType.Half, 2),
  BF16(ScalarType.BFloat16, 2),
  I64(ScalarType.Long, 8),
  I32(ScalarType.Int, 4),
  I8(ScalarType.Char, 1),
  BOOL(ScalarType.Bool, 1);

  private final ScalarType native_;
  private final int bytes;

  DType(ScalarType native_, int bytes) {
    this.native_ = native_;
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** True for the types that have a fraction and can carry gradients. */
  public boolean isFloatingPoint() {
    return switch (this) {
      case F64, F32, F16, BF16 -> true;
      case I64, I32, I8, BOOL -> false;
    };
  }

  ScalarType scalarType() {
    return native_;
  }

  static DType of(ScalarType type) {
    for (DType candidate : values()) {
      if (candidate.native_.value == type.value) {
        return candidate;
      }
    }
    throw new IllegalArgumentException("element type " + type + " is not supported");
  }
}
