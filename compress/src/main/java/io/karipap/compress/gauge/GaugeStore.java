package io.karipap.compress.gauge;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.GaugeTrial;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Space;
import io.karipap.model.gauge.ChangeOfBasis;
import io.karipap.model.gauge.Gauge;
import io.karipap.model.gauge.HeadRotation;
import io.karipap.model.gauge.Permutation;
import io.karipap.model.gauge.Rotation;
import io.karipap.model.gauge.Unchanged;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The gauge of an interrupted run: finished fits are numbers in its basis, which eigenvectors
 * computed anew need not give to the last bit. The bases lie in {@code gauge.safetensors} in
 * float64; {@code gauge.json} is written last and says that they are there.
 */
final class GaugeStore {

  private final Path choice;
  private final Path bases;
  private final ObjectMapper json = new ObjectMapper();

  /** What was decided, and why. */
  record Choice(List<String> gauge, List<GaugeTrial> trials) {}

  GaugeStore(Path folder) {
    this.choice = folder.resolve("gauge.json");
    this.bases = folder.resolve("gauge.safetensors");
  }

  /** What an earlier run has decided. */
  Optional<Choice> choice() {
    try {
      return Files.exists(choice)
          ? Optional.of(json.readValue(choice.toFile(), Choice.class))
          : Optional.empty();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Stores a decision and its gauge. */
  void save(Choice decided, Gauge gauge) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    gauge.bases().entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().name()))
        .forEach(entry -> put(tensors, entry.getKey().name(), entry.getValue()));
    var infos =
        tensors.entrySet().stream()
            .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F64))
            .toList();
    try (var writer = SafetensorsWriter.create(bases, infos, Map.of())) {
      TensorFiles.write(writer, tensors, ElementType.F64);
    }
    try {
      AtomicFiles.write(choice, json.writeValueAsString(decided));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static void put(Map<String, Tensor> tensors, String name, ChangeOfBasis basis) {
    switch (basis) {
      case Unchanged _ -> {}
      case Rotation(Tensor q) -> tensors.put(name, q);
      case HeadRotation(Tensor heads) -> tensors.put(name, heads);
      case Permutation(Tensor order) -> tensors.put(name, order);
    }
  }

  /** The gauge of a stored decision. Must be called inside a tensor scope. */
  Gauge gauge(Architecture architecture) {
    Map<Space, ChangeOfBasis> stored = new LinkedHashMap<>();
    try (TensorStore store = TensorStore.open(bases)) {
      for (Space space : architecture.spaces()) {
        read(store, space.name()).ifPresent(t -> stored.put(space, basis(space, t)));
      }
    }
    return new Gauge(stored);
  }

  private static ChangeOfBasis basis(Space space, Tensor tensor) {
    return switch (space.freedom()) {
      case NONE -> new Unchanged();
      case ROTATION -> new Rotation(tensor);
      case HEAD_ROTATION -> new HeadRotation(tensor);
      case PERMUTATION -> new Permutation(tensor.to(DType.I64));
    };
  }

  private static Optional<Tensor> read(TensorStore store, String name) {
    if (!store.contains(name)) {
      return Optional.empty();
    }
    long[] shape = store.info(name).shape().stream().mapToLong(Long::longValue).toArray();
    return Optional.of(Tensor.copyIn(store.data(name), DType.F64, shape));
  }

  private CheckpointException unusable(IOException e) {
    return new CheckpointException(
        "the intermediate result " + choice + " cannot be used: " + e.getMessage());
  }
}
