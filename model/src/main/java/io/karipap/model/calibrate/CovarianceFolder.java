package io.karipap.model.calibrate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The statistics of a calibration in files: one for every C, one for how often each token came up,
 * and last of all an index, which says that the others are complete.
 */
public record CovarianceFolder(Path path) {

  private static final String INDEX = "statistics.json";
  private static final String COUNTS = "tokens";
  private static final String VALUES = "values";

  /**
   * What is in the files.
   *
   * @param windows number of windows of the text
   * @param inputs the first of the layers that share an input, by the name of each of them
   */
  record Index(int windows, SequencedMap<String, String> inputs) {}

  void put(String layer, Tensor c) {
    write(layer + ".covariance", c);
  }

  Tensor get(String layer) {
    return read(layer + ".covariance");
  }

  Tensor counts() {
    return read(COUNTS);
  }

  void finish(Tensor counts, Index index) {
    write(COUNTS, counts);
    try {
      AtomicFiles.write(path.resolve(INDEX), new ObjectMapper().writeValueAsString(index));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** The index, if all statistics are there. */
  Optional<Index> index() {
    Path file = path.resolve(INDEX);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ObjectMapper().readValue(Files.readString(file), Index.class));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private void write(String name, Tensor values) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(VALUES, values);
    AtomicFiles.write(file(name), TensorFiles.encode(tensors, ElementType.F64));
  }

  private Tensor read(String name) {
    try (var store = TensorStore.open(file(name))) {
      return TensorFiles.readDoubles(store, VALUES);
    }
  }

  private Path file(String name) {
    return path.resolve(name + ".safetensors");
  }

  private CheckpointException unusable(IOException e) {
    return new CheckpointException(
        "the statistics in %s cannot be used: %s; begin anew".formatted(path, e.getMessage()));
  }
}
