package io.karipap.model.train;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.AdamW;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * State of an interrupted training run: one safetensors file with variables, moments and the number
 * of steps.
 */
public final class TrainingCheckpoint {

  private static final String STEP = "step";

  private TrainingCheckpoint() {}

  /**
   * Stores the state of a run, replacing an older one only when all is written.
   *
   * @throws CheckpointException if the file cannot be written
   */
  public static void save(Trainer trainer, Path file) {
    SequencedMap<String, Tensor> tensors = tensors(trainer);
    try (var _ = new TensorScope()) {
      tensors.putLast(STEP, Tensor.full((double) trainer.step(), DType.F64, 1));
      List<TensorInfo> infos =
          tensors.entrySet().stream()
              .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
              .toList();
      try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
    }
  }

  /**
   * Puts a stored state into a trainer made with the same settings.
   *
   * @throws CheckpointException if the file is damaged, or is not of such a run
   */
  public static void restore(Trainer trainer, Path file) {
    try (var store = TensorStore.open(file);
        var _ = new TensorScope()) {
      tensors(trainer)
          .forEach(
              (name, tensor) -> tensor.copyFrom(TensorFiles.read(store, name, tensor.shape())));
      // float32 counts exactly up to 16 million steps
      double step = TensorFiles.read(store, STEP, 1).item();
      if (step != Math.rint(step) || step < trainer.step() || step > trainer.settings().steps()) {
        throw new CheckpointException(
            "%s says that %s of %d steps are done: it is damaged, or of a run with other settings"
                .formatted(file, step, trainer.settings().steps()));
      }
      trainer.continueAfter((long) step);
    }
  }

  private static SequencedMap<String, Tensor> tensors(Trainer trainer) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    List<AdamW.Slot> slots = trainer.slots();
    for (int i = 0; i < slots.size(); i++) {
      tensors.put("variable." + i, slots.get(i).variable());
      tensors.put("first." + i, slots.get(i).first());
      tensors.put("second." + i, slots.get(i).second());
    }
    return tensors;
  }
}
