package io.karipap.checkpoint.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.AtomicFile;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Streaming writer of one safetensors file: the header first, from the tensors' descriptions, then
 * their data in the same order. The file appears under its name only when it is complete; until
 * then it is beside it as {@code .<name>.partial}.
 */
public final class SafetensorsWriter implements AutoCloseable {
  private static final int CHUNK = 1 << 20;

  /** The reference implementation pads its header so that the data section is aligned to this. */
  private static final int ALIGNMENT = 8;

  private final Path file;
  private final AtomicFile output;
  private final List<TensorInfo> tensors;
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
  private int written;
  private boolean failed;

  private SafetensorsWriter(Path file, AtomicFile output, List<TensorInfo> tensors) {
    this.file = file;
    this.output = output;
    this.tensors = tensors;
  }

  /**
   * Starts a file; one of that name is replaced when the new one is complete.
   *
   * @param tensors what will be written, in that order
   * @param metadata free-form strings for the header, which sorts them; may be empty
   * @throws IllegalArgumentException where two tensors have the same name, or the header would be
   *     larger than the format allows
   * @throws CheckpointException where the file cannot be written
   */
  public static SafetensorsWriter create(
      Path file, List<TensorInfo> tensors, Map<String, String> metadata) {
    byte[] header = head(tensors, metadata);
    try {
      SafetensorsWriter writer =
          new SafetensorsWriter(file, AtomicFile.create(file), List.copyOf(tensors));
      writer.start(header);
      return writer;
    } catch (IOException e) {
      throw Failures.writing(file, e);
    }
  }

  /**
   * The first bytes of a file, in front of the tensors' data: the length of the header, and the
   * header.
   *
   * @throws IllegalArgumentException as {@link #create} does
   */
  public static byte[] head(List<TensorInfo> tensors, Map<String, String> metadata) {
    byte[] header = header(tensors, metadata);
    return ByteBuffer.allocate(Long.BYTES + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static byte[] header(List<TensorInfo> tensors, Map<String, String> metadata) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode strings = json.putObject(SafetensorsHeader.METADATA);
      new TreeMap<>(metadata).forEach(strings::put);
    }
    Set<String> names = new HashSet<>();
    long position = 0;
    for (TensorInfo tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("two tensors are named '%s'".formatted(tensor.name()));
      }
      long end = Math.addExact(position, tensor.bytes());
      ObjectNode entry = json.putObject(tensor.name()).put("dtype", tensor.type().name());
      tensor.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(position).add(end);
      position = end;
    }
    String text = json.toString();
    byte[] bytes = (text + padding(text.getBytes(UTF_8).length)).getBytes(UTF_8);
    if (bytes.length > SafetensorsHeader.LONGEST
        || tensors.size() > SafetensorsHeader.MOST_ENTRIES) {
      throw new IllegalArgumentException(
          "%d tensors with %d bytes of header do not fit one safetensors file"
              .formatted(tensors.size(), bytes.length));
    }
    return bytes;
  }

  private static String padding(int length) {
    return " ".repeat(Math.floorMod(-length, ALIGNMENT));
  }

  private void start(byte[] head) {
    try {
      output.write(ByteBuffer.wrap(head));
    } catch (IOException e) {
      failed = true;
      close();
      throw Failures.writing(file, e);
    }
  }

  /**
   * Writes the next tensor.
   *
   * @param littleEndianData its elements, row-major; exactly as many bytes as its shape and type
   *     say
   * @throws IllegalArgumentException where the tensor is not the next one or the size is wrong
   * @throws CheckpointException where writing fails, for example because the disk is full
   */
  public void write(String name, MemorySegment littleEndianData) {
    if (written == tensors.size() || !tensors.get(written).name().equals(name)) {
      String next = written == tensors.size() ? "none" : "'" + tensors.get(written).name() + "'";
      throw new IllegalArgumentException(
          "%s: tensor '%s' is out of order; the next one is %s".formatted(file, name, next));
    }
    TensorInfo tensor = tensors.get(written);
    if (littleEndianData.byteSize() != tensor.bytes()) {
      throw new IllegalArgumentException(
          "%s: %s has %d bytes, %d were given"
              .formatted(file, tensor, tensor.bytes(), littleEndianData.byteSize()));
    }
    try {
      for (long from = 0; from < tensor.bytes(); from += CHUNK) {
        int size = (int) Math.min(CHUNK, tensor.bytes() - from);
        MemorySegment.copy(littleEndianData, from, MemorySegment.ofBuffer(chunk.clear()), 0, size);
        output.write(chunk.limit(size));
      }
    } catch (IOException e) {
      failed = true;
      throw Failures.writing(file, e);
    }
    written++;
  }

  /**
   * Forces the file to disk and gives it its name. Closing twice is harmless.
   *
   * @throws CheckpointException where not every tensor was written or the disk refuses; nothing is
   *     left behind then. Silent where {@link #write} has failed before.
   */
  @Override
  public void close() {
    if (!output.isOpen()) {
      return;
    }
    boolean complete = !failed && written == tensors.size();
    try (output) {
      if (complete) {
        output.commit();
      }
    } catch (IOException e) {
      throw Failures.writing(file, e);
    }
    if (!complete && !failed) {
      throw new CheckpointException(
          "%s is not written: tensor '%s' is missing".formatted(file, tensors.get(written).name()));
    }
  }
}
