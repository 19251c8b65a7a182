package io.karipap.compress.gauge;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.compress.GaugeTrial;
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
import java.util.ArrayList;
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

  private static final String RESIDUAL = "residual";

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
    put(tensors, RESIDUAL, gauge.residual());
    for (int i = 0; i < gauge.blocks().size(); i++) {
      put(tensors, "values." + i, gauge.blocks().get(i).values());
      put(tensors, "neurons." + i, gauge.blocks().get(i).neurons());
    }
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

  /**
   * The gauge of a stored decision. Must be called inside a tensor scope.
   *
   * @param layers blocks of the model
   * @param group query heads that share a key/value head
   */
  Gauge gauge(int layers, int group) {
    try (TensorStore store = TensorStore.open(bases)) {
      List<Gauge.Block> blocks = new ArrayList<>();
      for (int i = 0; i < layers; i++) {
        Gauge.Block free = Gauge.Block.UNCHANGED;
        Optional<HeadRotation> values = read(store, "values." + i).map(HeadRotation::new);
        Optional<Tensor> order = read(store, "neurons." + i);
        blocks.add(
            new Gauge.Block(
                values.<ChangeOfBasis>map(v -> v).orElse(free.values()),
                values.<ChangeOfBasis>map(v -> v.repeated(group)).orElse(free.attended()),
                order
                    .<ChangeOfBasis>map(o -> new Permutation(o.to(DType.I64)))
                    .orElse(free.neurons())));
      }
      return new Gauge(
          read(store, RESIDUAL).<ChangeOfBasis>map(Rotation::new).orElse(new Unchanged()), blocks);
    }
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
