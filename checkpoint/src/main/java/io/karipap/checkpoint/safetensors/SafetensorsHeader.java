package io.karipap.checkpoint.safetensors;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SequencedMap;

/**
 * The header of one safetensors file: 8 bytes of length (little endian), then that many bytes of
 * JSON, then the data section (format as of safetensors 0.4,
 * https://github.com/huggingface/safetensors#format).
 *
 * @param tensors places by name, in the order of the header
 * @param metadata the header's free-form strings
 * @param dataStart first byte of the data section in the file
 */
record SafetensorsHeader(
    SequencedMap<String, Place> tensors, SequencedMap<String, String> metadata, long dataStart) {
  /** Key of the free-form strings among the tensors. */
  static final String METADATA = "__metadata__";

  /** Longest header that is read or written, in bytes, as in the reference implementation. */
  static final long LONGEST = 100_000_000;

  /**
   * Most tensors, or metadata, in one file: keeps what a hostile header can allocate within bounds.
   */
  static final int MOST_ENTRIES = 200_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final Comparator<Place> BY_PLACE =
      Comparator.comparingLong(Place::begin).thenComparingLong(Place::end);

  /** Where a tensor lies: bytes {@code begin} to {@code end} of the data section. */
  record Place(TensorInfo tensor, long begin, long end) {}

  /**
   * Reads and checks the header of a mapped file.
   *
   * @throws CheckpointException where anything in the header contradicts the format or the file
   */
  static SafetensorsHeader read(MemorySegment file, Path path) {
    long size = file.byteSize();
    if (size < Long.BYTES) {
      throw Failures.damaged(
          path, "a safetensors file has at least 8 bytes, this one has %d".formatted(size));
    }
    long length = file.get(LENGTH, 0);
    if (length < 0 || length > LONGEST) {
      throw new CheckpointException(
          ("%s: bytes 0 to 8 give a header of %s bytes, allowed are up to %d; it is not a"
                  + " safetensors file")
              .formatted(path, Long.toUnsignedString(length), LONGEST));
    }
    if (length > size - Long.BYTES) {
      throw Failures.damaged(
          path,
          "it is cut off: its header ends at byte %d, the file at byte %d"
              .formatted(Long.BYTES + length, size));
    }
    long dataStart = Long.BYTES + length;
    SafetensorsHeader header =
        new HeaderParser(path, size).parse(file.asSlice(Long.BYTES, length).asByteBuffer());
    checkCoverage(
        header.tensors().values().stream().sorted(BY_PLACE).toList(), path, size - dataStart);
    return header;
  }

  /** Sorted places must tile the data section: no byte twice, none left out. */
  private static void checkCoverage(List<Place> sorted, Path path, long dataBytes) {
    long position = 0;
    String before = "the header";
    for (Place place : sorted) {
      String name = Failures.quoted(place.tensor().name());
      if (place.begin() < position) {
        throw Failures.damaged(
            path,
            "tensors %s and %s overlap at data byte %d".formatted(before, name, place.begin()));
      }
      if (place.begin() > position) {
        throw Failures.damaged(
            path,
            "data bytes %d to %d between %s and %s belong to no tensor"
                .formatted(position, place.begin(), before, name));
      }
      position = place.end();
      before = name;
    }
    if (position < dataBytes) {
      throw Failures.damaged(
          path,
          "the last %d bytes, after %s, belong to no tensor"
              .formatted(dataBytes - position, before));
    }
  }
}
