package io.karipap.cli.command;

import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A model as it lies on disk: known from its headers alone, so that looking at 100 GB takes no
 * time.
 *
 * @param config architecture
 * @param manifest of a compressed model
 * @param families in the order of the forward pass, the vectors last
 */
public record ModelSummary(
    ModelConfig config, Optional<ArtifactManifest> manifest, List<Family> families) {

  /**
   * Matrices that differ only in their block.
   *
   * @param name such as {@code q_proj}
   * @param matrices how many there are
   * @param parameters numbers stored
   * @param bytes stored
   * @param shape rows and columns of one of them
   * @param forms how many there are of each form
   */
  record Family(
      String name,
      int matrices,
      long parameters,
      long bytes,
      String shape,
      Map<String, Integer> forms) {

    Family plus(Family other) {
      Map<String, Integer> sum = new LinkedHashMap<>(forms);
      other.forms.forEach((form, count) -> sum.merge(form, count, Integer::sum));
      return new Family(
          name,
          matrices + other.matrices,
          parameters + other.parameters,
          bytes + other.bytes,
          shape,
          sum);
    }
  }

  /**
   * Reads the headers.
   *
   * @throws io.karipap.checkpoint.CheckpointException if the folder is not a model, or lacks a
   *     tensor
   */
  public static ModelSummary read(Path folder) {
    ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
    Optional<ArtifactManifest> manifest = Artifact.manifest(folder);
    Map<String, MatrixEntry> entries = new HashMap<>();
    manifest.ifPresent(m -> m.matrices().forEach(e -> entries.put(e.name(), e)));
    SequencedMap<String, Family> families = new LinkedHashMap<>();
    try (TensorStore store = TensorStore.open(folder)) {
      for (MatrixSpec matrix : matrices(config, entries.keySet())) {
        Optional<MatrixEntry> entry = Optional.ofNullable(entries.get(matrix.name()));
        List<TensorInfo> tensors = tensors(store, matrix.name(), config);
        String shape = matrix.rows() + " x " + matrix.columns();
        // packed tensors hold more numbers than elements: the manifest counts them
        add(
            families,
            family(
                matrix.family(),
                tensors,
                entry.map(MatrixEntry::parameters).orElseGet(() -> elements(tensors)),
                shape,
                entry.map(MatrixEntry::form).orElse("dense")));
      }
      for (VectorSpec vector : VectorSpec.all(config)) {
        List<TensorInfo> tensors = List.of(store.info(vector.name()));
        String name = vector.isGain() ? "norm" : "bias";
        String shape = String.valueOf(vector.size());
        add(families, family(name, tensors, elements(tensors), shape, "dense"));
      }
    }
    return new ModelSummary(config, manifest, List.copyOf(families.values()));
  }

  /** The architecture's matrices, and the one that a compressed model may have besides. */
  private static List<MatrixSpec> matrices(ModelConfig config, Set<String> stored) {
    List<MatrixSpec> matrices = new ArrayList<>(MatrixSpec.all(config));
    if (stored.contains(Decoder.HEAD_GAIN)) {
      matrices.add(MatrixSpec.headGain(config));
    }
    return matrices;
  }

  private static void add(Map<String, Family> families, Family family) {
    families.merge(family.name(), family, Family::plus);
  }

  private static long elements(List<TensorInfo> tensors) {
    return tensors.stream().mapToLong(TensorInfo::elements).sum();
  }

  private static Family family(
      String name, List<TensorInfo> tensors, long parameters, String shape, String form) {
    long bytes = tensors.stream().mapToLong(TensorInfo::bytes).sum();
    return new Family(name, 1, parameters, bytes, shape, Map.of(form, 1));
  }

  /** What is stored of a matrix; tied embeddings may lie under the head's name. */
  private static List<TensorInfo> tensors(TensorStore store, String matrix, ModelConfig config) {
    List<TensorInfo> own = tensors(store, matrix);
    List<TensorInfo> tensors =
        own.isEmpty() && config.tiedEmbeddings() ? tensors(store, "lm_head") : own;
    return tensors.isEmpty() ? List.of(store.info(matrix + ".weight")) : tensors;
  }

  private static List<TensorInfo> tensors(TensorStore store, String matrix) {
    return store.names().stream()
        .filter(name -> name.startsWith(matrix + ".") && !name.endsWith(".bias"))
        .map(store::info)
        .toList();
  }

  /** Bytes that are stored of every matrix of an artifact. */
  static Map<String, Long> bytes(Path folder, List<MatrixEntry> matrices) {
    Map<String, Long> bytes = new HashMap<>();
    try (TensorStore store = TensorStore.open(folder)) {
      for (MatrixEntry matrix : matrices) {
        List<TensorInfo> tensors = tensors(store, matrix.name());
        bytes.put(matrix.name(), tensors.stream().mapToLong(TensorInfo::bytes).sum());
      }
    }
    return bytes;
  }

  /** Numbers stored. */
  long parameters() {
    return families.stream().mapToLong(Family::parameters).sum();
  }

  /** Bytes of the stored tensors. */
  long bytes() {
    return families.stream().mapToLong(Family::bytes).sum();
  }

  /** Numbers that the architecture has uncompressed. */
  long originalParameters() {
    return MatrixSpec.all(config).stream().mapToLong(MatrixSpec::elements).sum()
        + VectorSpec.all(config).stream().mapToLong(VectorSpec::size).sum();
  }
}
