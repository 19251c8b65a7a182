package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.StoredTensor;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.Architectures;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model read from a folder in Hugging Face layout, original or compressed, with its tokenizer.
 * Holds its weights until it is closed.
 */
public final class LoadedModel implements AutoCloseable {

  private final Path folder;
  private final Architecture architecture;
  private final Optional<ArtifactManifest> manifest;
  private final Tokenizer tokenizer;
  private final Weights weights;
  private final TensorOwner owner;

  private LoadedModel(
      Path folder,
      Architecture architecture,
      Optional<ArtifactManifest> manifest,
      Tokenizer tokenizer,
      Weights weights,
      TensorOwner owner) {
    this.folder = folder;
    this.architecture = architecture;
    this.manifest = manifest;
    this.tokenizer = tokenizer;
    this.weights = weights;
    this.owner = owner;
  }

  /**
   * Reads a model of one of this library's families.
   *
   * @throws CheckpointException if the folder is not a model, or does not hold together
   */
  public static LoadedModel open(Path folder) {
    return open(folder, Architectures.standard());
  }

  /**
   * Reads a model.
   *
   * @param architectures the families that it may be of
   * @throws CheckpointException if the folder is not a model, or does not hold together
   */
  public static LoadedModel open(Path folder, Architectures architectures) {
    Architecture architecture = architecture(folder, architectures);
    Optional<ArtifactManifest> manifest = Artifact.manifest(folder);
    if (manifest.isPresent()) {
      Artifact.verify(folder);
    }
    Tokenizer tokenizer = Tokenizer.open(folder, architecture.config());
    TensorOwner owner = new TensorOwner();
    try (var store = TensorStore.open(folder);
        var _ = new TensorScope()) {
      Weights weights = read(store, architecture, manifest).map(owner::own);
      return new LoadedModel(folder, architecture, manifest, tokenizer, weights, owner);
    } catch (RuntimeException e) {
      owner.close();
      tokenizer.close();
      throw e;
    }
  }

  /**
   * The architecture of the model in a folder.
   *
   * @throws CheckpointException if there is none, or its family is unknown
   */
  static Architecture architecture(Path folder, Architectures architectures) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          "no model folder at "
              + folder
              + ": give a folder with config.json and model.safetensors");
    }
    return architectures.read(folder.resolve("config.json"));
  }

  private static Weights read(
      TensorStore store, Architecture architecture, Optional<ArtifactManifest> manifest) {
    Map<String, MatrixEntry> entries = new HashMap<>();
    manifest.ifPresent(m -> m.matrices().forEach(entry -> entries.put(entry.name(), entry)));
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> shared = new HashMap<>();
    for (MatrixSpec matrix : architecture.matrices()) {
      Optional<MatrixEntry> entry = Optional.ofNullable(entries.get(matrix.name()));
      matrices.put(
          matrix.name(),
          entry.isPresent()
              ? compressed(store, matrix, entry.get(), shared)
              : new Dense(CheckpointTensors.read(store, placed(matrix, manifest))));
    }
    MatrixSpec gain = architecture.headGain();
    Optional.ofNullable(entries.get(gain.name()))
        .ifPresent(entry -> matrices.put(gain.name(), compressed(store, gain, entry, shared)));
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (VectorSpec vector : architecture.vectors()) {
      vectors.put(vector.name(), CheckpointTensors.read(store, placed(vector, manifest)));
    }
    return new Weights(matrices, vectors);
  }

  private static Factorization compressed(
      TensorStore store, MatrixSpec matrix, MatrixEntry entry, Map<String, Tensor> shared) {
    if (entry.rows() != matrix.rows() || entry.columns() != matrix.columns()) {
      throw new CheckpointException(
          "the manifest says that %s is %d x %d, the configuration %d x %d: the folder was changed by hand"
              .formatted(
                  matrix.name(), entry.rows(), entry.columns(), matrix.rows(), matrix.columns()));
    }
    return StoredFactorization.read(store, entry, shared);
  }

  /** An artifact has every matrix and vector under its own name. */
  private static MatrixSpec placed(MatrixSpec matrix, Optional<ArtifactManifest> artifact) {
    return artifact.isPresent() ? matrix.storedAs(StoredTensor.of(matrix.weight())) : matrix;
  }

  private static VectorSpec placed(VectorSpec vector, Optional<ArtifactManifest> artifact) {
    return artifact.isPresent() ? vector.storedAs(StoredTensor.of(vector.name())) : vector;
  }

  /** The folder it was read from. */
  public Path folder() {
    return folder;
  }

  /** Its matrices and vectors, and how it computes. */
  public Architecture architecture() {
    return architecture;
  }

  /** Sizes and tokens of the architecture. */
  public ModelConfig config() {
    return architecture.config();
  }

  /** What the artifact says of itself, if this is a compressed model. */
  public Optional<ArtifactManifest> manifest() {
    return manifest;
  }

  /** Its tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Its parameters. */
  public Weights weights() {
    return weights;
  }

  /**
   * The model, computing in float32; usable inside the open tensor scope. Networks are contracted
   * to their matrices once, here.
   */
  public Decoder decoder() {
    return new Decoder(architecture, weights.rebuilt());
  }

  /**
   * The same, usable in any tensor scope while this model and the owner are open.
   *
   * @param holder of the contracted matrices
   */
  public Decoder decoder(TensorOwner holder) {
    try (var _ = new TensorScope()) {
      return new Decoder(architecture, weights.rebuilt().map(holder::own));
    }
  }

  @Override
  public void close() {
    owner.close();
    tokenizer.close();
  }
}
