package io.karipap.compress.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Finished fits of an interrupted run, one pair of files each: the cores in {@code
 * NAME.safetensors}, and {@code NAME.json}, which is written last and moved into place, so that a
 * fit is there wholly or not at all. A joint fit of several matrices is one fit.
 */
public final class FitCheckpoint {

  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();

  public FitCheckpoint(Path folder) {
    this.folder = folder;
  }

  /** A finished fit, its cores in float32 and held by the owner. */
  public Optional<List<FittedMatrix>> load(String name, TensorOwner owner) {
    Path line = folder.resolve(name + ".json");
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

  /** Stores a finished fit; none, if it was not better than what there is. */
  public void save(String name, List<FittedMatrix> matrices) {
    SequencedMap<String, Tensor> cores = new LinkedHashMap<>();
    matrices.forEach(
        m -> cores.putAll(StoredFactorization.tensors(m.entry().name(), m.factorization())));
    var infos =
        cores.entrySet().stream()
            .map(core -> TensorFiles.info(core.getKey(), core.getValue(), ElementType.F32))
            .toList();
    if (!matrices.isEmpty()) {
      try (var writer = SafetensorsWriter.create(tensors(name), infos, Map.of())) {
        TensorFiles.write(writer, cores, ElementType.F32);
      }
    }
    Path line = folder.resolve(name + ".json");
    try {
      List<MatrixEntry> entries = matrices.stream().map(FittedMatrix::entry).toList();
      AtomicFiles.write(line, json.writeValueAsString(entries));
    } catch (IOException e) {
      throw unusable(line, e);
    }
  }

  /** A finished fit of one matrix, stored under its name. */
  public Optional<FittedMatrix> loadOne(String name, TensorOwner owner) {
    return load(name, owner).map(List::getFirst);
  }

  /** Stores a finished fit of one matrix under its name. */
  public void save(FittedMatrix matrix) {
    save(matrix.entry().name(), List.of(matrix));
  }

  private Path tensors(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static CheckpointException unusable(Path file, IOException e) {
    return new CheckpointException(
        "the intermediate result " + file + " cannot be used: " + e.getMessage());
  }
}
