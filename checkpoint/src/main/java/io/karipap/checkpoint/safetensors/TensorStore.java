package io.karipap.checkpoint.safetensors;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.ClosestNames;
import io.karipap.checkpoint.Failures;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Named tensors of one safetensors file, or of a folder's {@code model.safetensors} or shards,
 * memory mapped: opening costs the headers, and only the bytes that are used are read from disk.
 *
 * <p>The files must not be shortened while the store is open. Safe for use by several threads.
 */
public final class TensorStore implements AutoCloseable {
  private static final String SINGLE_FILE = "model.safetensors";

  private record Entry(MappedFile file, SafetensorsHeader.Place place) {}

  private final Path path;
  private final Arena arena;
  private final List<MappedFile> files;
  private final SequencedMap<String, Entry> entries;

  private TensorStore(
      Path path, Arena arena, List<MappedFile> files, SequencedMap<String, Entry> entries) {
    this.path = path;
    this.arena = arena;
    this.files = files;
    this.entries = entries;
  }

  /**
   * Opens a safetensors file, or the model in a folder: {@code model.safetensors} where it exists,
   * else the shards that {@code model.safetensors.index.json} names. Every header is checked whole
   * before this returns; the data bytes themselves are not read.
   *
   * @throws CheckpointException where a file is missing, unreadable, cut off or malformed, where
   *     index and shards disagree, or where two shards hold a tensor of the same name
   */
  public static TensorStore open(Path fileOrFolder) {
    Arena arena = Arena.ofShared();
    try {
      return open(fileOrFolder, arena);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static TensorStore open(Path path, Arena arena) {
    if (!Files.isDirectory(path)) {
      return of(path, MappedFile.map(path, arena), arena);
    }
    Path single = path.resolve(SINGLE_FILE);
    Path index = path.resolve(ShardIndex.FILE_NAME);
    if (Files.exists(single)) {
      return of(path, MappedFile.map(single, arena), arena);
    }
    if (Files.exists(index)) {
      return of(ShardIndex.read(index), arena);
    }
    throw new CheckpointException(
        "%s holds neither %s nor %s; give a folder with a model in safetensors format"
            .formatted(path, SINGLE_FILE, ShardIndex.FILE_NAME));
  }

  private static TensorStore of(Path path, MappedFile file, Arena arena) {
    SequencedMap<String, Entry> entries = new LinkedHashMap<>();
    addAll(entries, file);
    return new TensorStore(path, arena, List.of(file), entries);
  }

  private static TensorStore of(ShardIndex index, Arena arena) {
    Path folder = index.path().resolveSibling("");
    List<MappedFile> files =
        index.shards().stream().map(name -> MappedFile.map(folder.resolve(name), arena)).toList();
    SequencedMap<String, Entry> entries = new LinkedHashMap<>();
    files.forEach(file -> addAll(entries, file));
    index.shardOf().forEach((name, shard) -> checkHome(index, entries, name, shard));
    entries.keySet().retainAll(index.shardOf().keySet());
    return new TensorStore(folder, arena, files, entries);
  }

  private static void addAll(Map<String, Entry> entries, MappedFile file) {
    for (SafetensorsHeader.Place place : file.header().tensors().values()) {
      String name = place.tensor().name();
      Entry twin = entries.putIfAbsent(name, new Entry(file, place));
      if (twin != null) {
        throw new CheckpointException(
            "tensor %s is in both %s and %s; download the model again"
                .formatted(Failures.quoted(name), twin.file().path(), file.path()));
      }
    }
  }

  private static void checkHome(
      ShardIndex index, Map<String, Entry> entries, String name, String shard) {
    Path promised = index.path().resolveSibling(shard);
    Entry entry = entries.get(name);
    if (entry == null || !entry.file().path().equals(promised)) {
      throw new CheckpointException(
          "%s: tensor %s is said to be in %s but is not; download the model again"
              .formatted(index.path(), Failures.quoted(name), promised));
    }
  }

  /**
   * Names of all tensors in the order of the file's header; shards follow one another by file name.
   * Tensors of a shard that the index does not list are left out.
   */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /** Whether there is a tensor of that name. */
  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /**
   * Type and shape of a tensor.
   *
   * @throws CheckpointException where there is none of that name; names the closest ones
   */
  public TensorInfo info(String name) {
    return entry(name).place().tensor();
  }

  /**
   * The bytes of a tensor: read-only, little endian, row-major, not necessarily aligned to the
   * element size, possibly more than 2 GiB. Valid until the store is closed; touching them later is
   * an {@link IllegalStateException}.
   *
   * @throws CheckpointException where there is no tensor of that name; names the closest ones
   */
  public MemorySegment data(String name) {
    Entry entry = entry(name);
    return entry.file().data(entry.place());
  }

  /** The free-form strings of the file's header; of a sharded model, those of the first shard. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(files.getFirst().header().metadata());
  }

  /** Bytes of all files of the store, headers included. */
  public long sizeOnDisk() {
    return files.stream().mapToLong(file -> file.bytes().byteSize()).sum();
  }

  /** Unmaps the files. Closing twice is harmless. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new CheckpointException(
          "%s has no tensor %s%s"
              .formatted(path, Failures.quoted(name), ClosestNames.hint(name, entries.keySet())));
    }
    return entry;
  }
}
