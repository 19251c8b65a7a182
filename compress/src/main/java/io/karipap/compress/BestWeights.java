package io.karipap.compress;

import io.karipap.checkpoint.ElementType;
import io.karipap.checkpoint.SafetensorsWriter;
import io.karipap.checkpoint.TensorStore;
import io.karipap.model.TensorFiles;
import io.karipap.model.Weights;
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
 * The best weights of a training run so far, in memory and, for a run that is continued, in a file.
 */
final class BestWeights {

  private static final String DIVERGENCE = "divergence";

  private final Weights weights;
  private final Path file;
  private float divergence;

  /**
   * Starts with the weights before the run.
   *
   * @param weights overwritten when better ones come
   * @param divergence theirs, nats per token
   */
  BestWeights(Weights weights, float divergence, Path file) {
    this.weights = weights;
    this.divergence = divergence;
    this.file = file;
  }

  /** The best so far. */
  Weights weights() {
    return weights;
  }

  /** Their divergence. */
  float divergence() {
    return divergence;
  }

  /** Keeps a copy of weights that are better than the best so far. */
  void offer(Weights candidate, float candidateDivergence) {
    if (candidateDivergence < divergence) {
      divergence = candidateDivergence;
      List<Tensor> from = candidate.tensors();
      List<Tensor> to = weights.tensors();
      for (int i = 0; i < to.size(); i++) {
        to.get(i).copyFrom(from.get(i));
      }
      save();
    }
  }

  private void save() {
    try (var _ = new TensorScope()) {
      SequencedMap<String, Tensor> tensors = named();
      tensors.putLast(DIVERGENCE, Tensor.full(divergence, DType.F32, 1));
      var infos =
          tensors.entrySet().stream()
              .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
              .toList();
      try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
    }
  }

  /** Takes what an interrupted run had stored, if it had anything. */
  void restore() {
    if (Files.exists(file)) {
      try (var _ = new TensorScope();
          var store = TensorStore.open(file)) {
        named().forEach((name, t) -> t.copyFrom(TensorFiles.read(store, name, t.shape())));
        divergence = (float) TensorFiles.read(store, DIVERGENCE, 1).item();
      }
    }
  }

  private SequencedMap<String, Tensor> named() {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    List<Tensor> all = weights.tensors();
    for (int i = 0; i < all.size(); i++) {
      tensors.put("tensor." + i, all.get(i));
    }
    return tensors;
  }
}
