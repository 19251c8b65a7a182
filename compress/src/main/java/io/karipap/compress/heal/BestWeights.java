package io.karipap.compress.heal;

import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The best variables of a training run so far, in memory and, for a run that is continued, in a
 * file.
 */
final class BestWeights {

  private static final String DIVERGENCE = "divergence";
  private static final String STEP = "step";

  private final List<Tensor> variables;
  private final Path file;
  private float divergence;
  private long step;

  /**
   * Starts with the variables before the run.
   *
   * @param variables overwritten by better ones
   * @param divergence theirs, nats per token
   */
  BestWeights(List<Tensor> variables, float divergence, Path file) {
    this.variables = List.copyOf(variables);
    this.divergence = divergence;
    this.file = file;
  }

  /** The best so far. */
  List<Tensor> variables() {
    return variables;
  }

  /** Their divergence. */
  float divergence() {
    return divergence;
  }

  /** The step after which they were seen. */
  long step() {
    return step;
  }

  /** Keeps a copy of variables that are better than the best so far. */
  void offer(List<Tensor> candidate, float candidateDivergence, long candidateStep) {
    if (candidateDivergence < divergence) {
      divergence = candidateDivergence;
      step = candidateStep;
      for (int i = 0; i < variables.size(); i++) {
        variables.get(i).copyFrom(candidate.get(i));
      }
      save();
    }
  }

  private void save() {
    try (var _ = new TensorScope()) {
      SequencedMap<String, Tensor> tensors = named();
      tensors.putLast(DIVERGENCE, Tensor.full(divergence, DType.F32, 1));
      tensors.putLast(STEP, Tensor.full((double) step, DType.F64, 1));
      var infos =
          tensors.entrySet().stream()
              .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
              .toList();
      try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
    }
  }

  /** Reads the best of an interrupted run, if it had stored one. */
  void restore() {
    if (Files.exists(file)) {
      try (var _ = new TensorScope();
          var store = TensorStore.open(file)) {
        named().forEach((name, t) -> t.copyFrom(TensorFiles.read(store, name, t.shape())));
        divergence = (float) TensorFiles.read(store, DIVERGENCE, 1).item();
        step = (long) TensorFiles.read(store, STEP, 1).item();
      }
    }
  }

  private SequencedMap<String, Tensor> named() {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < variables.size(); i++) {
      tensors.put("tensor." + i, variables.get(i));
    }
    return tensors;
  }
}
