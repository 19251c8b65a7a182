package io.karipap.compress;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.ElementType;
import io.karipap.checkpoint.MatrixEntry;
import io.karipap.checkpoint.SafetensorsWriter;
import io.karipap.checkpoint.TensorStore;
import io.karipap.model.StoredFactorization;
import io.karipap.model.TensorFiles;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Finished fits of an interrupted run, one pair of files each: the cores in {@code
 * NAME.safetensors}, and {@code NAME.json}, which is written last and moved into place, so that a
 * fit is there wholly or not at all.
 */
final class FitStore {

  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();

  FitStore(Path folder) {
    this.folder = folder;
  }

  /** A finished fit, its cores in float32 and held by the owner. */
  Optional<FittedMatrix> load(String name, TensorOwner owner) {
    Path line = folder.resolve(name + ".json");
    if (!Files.exists(line)) {
      return Optional.empty();
    }
    try (var _ = new TensorScope();
        var store = TensorStore.open(tensors(name))) {
      MatrixEntry entry = json.readValue(line.toFile(), MatrixEntry.class);
      var factorization = StoredFactorization.read(store, entry);
      return Optional.of(
          new FittedMatrix(
              factorization.withCores(factorization.cores().stream().map(owner::own).toList()),
              entry));
    } catch (IOException e) {
      throw unusable(line, e);
    }
  }

  /** Stores a finished fit. */
  void save(FittedMatrix matrix) {
    String name = matrix.entry().name();
    SequencedMap<String, Tensor> cores = StoredFactorization.tensors(name, matrix.factorization());
    var infos =
        cores.entrySet().stream()
            .map(core -> TensorFiles.info(core.getKey(), core.getValue(), ElementType.F32))
            .toList();
    try (var writer = SafetensorsWriter.create(tensors(name), infos, Map.of())) {
      TensorFiles.write(writer, cores, ElementType.F32);
    }
    Path line = folder.resolve(name + ".json");
    Path partial = folder.resolve(name + ".json.partial");
    try {
      json.writeValue(partial.toFile(), matrix.entry());
      Files.move(
          partial, line, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unusable(line, e);
    }
  }

  private Path tensors(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static CheckpointException unusable(Path file, IOException e) {
    return new CheckpointException(
        "the intermediate result " + file + " cannot be used: " + e.getMessage());
  }
}
