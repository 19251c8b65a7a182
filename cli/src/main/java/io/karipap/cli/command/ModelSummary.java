package io.karipap.cli.command;

import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.StoredTensor;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.family.Architectures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A summary of a model on disk, read from its headers alone, so that a model of 100 GB takes no
 * time.
 *
 * @param architecture of the model
 * @param manifest of a compressed model
 * @param families in the order of the forward pass, the vectors last
 */
public record ModelSummary(
    Architecture architecture, Optional<ArtifactManifest> manifest, List<Family> families) {

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
    Architecture architecture = Architectures.standard().read(folder.resolve("config.json"));
    Optional<ArtifactManifest> manifest = Artifact.manifest(folder);
    Map<String, MatrixEntry> entries = new HashMap<>();
    manifest.ifPresent(m -> m.matrices().forEach(e -> entries.put(e.name(), e)));
    SequencedMap<String, Family> families = new LinkedHashMap<>();
    try (TensorStore store = TensorStore.open(folder)) {
      for (MatrixSpec matrix : matrices(architecture, entries.keySet())) {
        Optional<MatrixEntry> entry = Optional.ofNullable(entries.get(matrix.name()));
        List<TensorInfo> own = tensors(store, matrix.name());
        Stored stored =
            own.isEmpty()
                ? Stored.part(store, matrix.stored(), matrix.elements())
                : Stored.whole(own);
        String shape = matrix.rows() + " x " + matrix.columns();
        // packed tensors hold more numbers than elements: the manifest counts them
        add(
            families,
            family(
                matrix.family(),
                entry.map(MatrixEntry::parameters).orElse(stored.elements()),
                stored.bytes(),
                shape,
                entry.map(MatrixEntry::form).orElse("dense")));
      }
      for (VectorSpec vector : architecture.vectors()) {
        Stored stored =
            store.contains(vector.name())
                ? Stored.whole(List.of(store.info(vector.name())))
                : Stored.part(store, vector.stored(), vector.size());
        String shape =
            vector.shape().stream().map(String::valueOf).collect(Collectors.joining(" x "));
        add(families, family(label(vector), stored.elements(), stored.bytes(), shape, "dense"));
      }
    }
    return new ModelSummary(architecture, manifest, List.copyOf(families.values()));
  }

  private static String label(VectorSpec vector) {
    return switch (vector.kind()) {
      case GAIN -> "norm";
      case BIAS -> "bias";
      case TABLE -> "table";
    };
  }

  /** Numbers and bytes that lie in a file. */
  private record Stored(long elements, long bytes) {

    static Stored whole(List<TensorInfo> tensors) {
      return new Stored(
          tensors.stream().mapToLong(TensorInfo::elements).sum(),
          tensors.stream().mapToLong(TensorInfo::bytes).sum());
    }

    /** Some elements of a tensor that may hold more. */
    static Stored part(TensorStore store, StoredTensor tensor, long elements) {
      TensorInfo info = store.info(tensor.name(store::contains));
      return new Stored(elements, info.bytes() / info.elements() * elements);
    }
  }

  /** The architecture's matrices, and the one that a compressed model may have besides. */
  private static List<MatrixSpec> matrices(Architecture architecture, Set<String> stored) {
    List<MatrixSpec> matrices = new ArrayList<>(architecture.matrices());
    if (stored.contains(architecture.headGain().name())) {
      matrices.add(architecture.headGain());
    }
    return matrices;
  }

  private static void add(Map<String, Family> families, Family family) {
    families.merge(family.name(), family, Family::plus);
  }

  private static Family family(
      String name, long parameters, long bytes, String shape, String form) {
    return new Family(name, 1, parameters, bytes, shape, Map.of(form, 1));
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

  /** Sizes of the architecture. */
  ModelConfig config() {
    return architecture.config();
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
    return architecture.matrices().stream().mapToLong(MatrixSpec::elements).sum()
        + architecture.vectors().stream().mapToLong(VectorSpec::size).sum();
  }
}
