package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.NumberFormat;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.safetensors.TensorStore;

/** Reads the numbers that a {@link NumberFormat} stores in few bits; pure Java. */
public sealed interface NumberCodec permits ScalarCodec {

  /** What is stored. */
  NumberFormat format();

  /** Bits that a number takes in storage, those of its group's scale not counted. */
  default double bitsPerNumber() {
    return format().bitsPerNumber();
  }

  /**
   * The numbers of a stored tensor.
   *
   * @param name of the tensor, which the names of its stored parts begin with
   * @return row-major, of the shape that the groups say
   * @throws CheckpointException if a part is missing, has another size or type, or is damaged
   */
  float[] decode(TensorStore store, String name, GroupLayout groups);

  /** The codec of a format. */
  static NumberCodec of(NumberFormat format) {
    return switch (format) {
      case ScalarFormat scalar -> new ScalarCodec(scalar);
    };
  }
}
