package io.karipap.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Named tensors, memory mapped. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class TensorStore implements AutoCloseable {
  /** Opens a safetensors file, or the model in a folder. */
  public static TensorStore open(Path fileOrFolder) {
    throw new UnsupportedOperationException();
  }

  /** Names in file order. */
  public Set<String> names() {
    throw new UnsupportedOperationException();
  }

  /** Whether the tensor exists. */
  public boolean contains(String name) {
    throw new UnsupportedOperationException();
  }

  /** Type and shape. */
  public TensorInfo info(String name) {
    throw new UnsupportedOperationException();
  }

  /** Read-only little-endian bytes; may be unaligned and larger than 2 GiB. */
  public MemorySegment data(String name) {
    throw new UnsupportedOperationException();
  }

  /** Free-form header metadata. */
  public Map<String, String> metadata() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of all files. */
  public long sizeOnDisk() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
