package io.karipap.compress.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.io.StoredFactorization;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finished fits of an interrupted run, one pair of files each: the cores in {@code
 * NAME.safetensors}, and {@code NAME.json}, which is written last and moved into place, so that a
 * fit is complete or absent. A joint fit of several matrices is one fit.
 */
public final class FitCheckpoint {

  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();

  public FitCheckpoint(Path folder) {
    this.folder = folder;
  }

  /** A finished fit, its cores in float32 and held by the owner. */
  public Optional<List<FittedMatrix>> load(String name, TensorOwner owner) {
    Path line = entries(name);
    if (!Files.exists(line)) {
      return Optional.empty();
    }
    try (var _ = new TensorScope()) {
      List<MatrixEntry> entries = List.of(json.readValue(line.toFile(), MatrixEntry[].class));
      if (entries.isEmpty()) {
        return Optional.of(List.of());
      }
      try (var store = TensorStore.open(tensors(name))) {
        Map<String, Tensor> shared = new HashMap<>();
        return Optional.of(
            entries.stream()
                .map(entry ->
                    new FittedMatrix(
                        StoredFactorization.read(store, entry, shared).map(owner::own), entry))
                .toList());
      }
    } catch (IOException e) {
      throw unusable(line, e);
    }
  }

  /** True if a fit has finished. */
  public boolean has(String name) {
    return Files.exists(entries(name));
  }

  /** Stores a finished fit: its cores first, and then the entries that say that it is there. */
  public void save(FitResult result) {
    result.cores().ifPresent(cores -> AtomicFiles.write(tensors(result.name()), cores));
    AtomicFiles.write(entries(result.name()), result.entries());
  }

  /** A finished fit of one matrix, stored under its name. */
  public Optional<FittedMatrix> loadOne(String name, TensorOwner owner) {
    return load(name, owner).map(List::getFirst);
  }

  /** Stores a finished fit of one matrix under its name. */
  public void save(FittedMatrix matrix) {
    save(FitResult.of(matrix.entry().name(), List.of(matrix)));
  }

  private Path entries(String name) {
    return folder.resolve(name + ".json");
  }

  private Path tensors(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static CheckpointException unusable(Path file, IOException e) {
    return new CheckpointException(
        "the intermediate result " + file + " cannot be used: " + e.getMessage());
  }
}
