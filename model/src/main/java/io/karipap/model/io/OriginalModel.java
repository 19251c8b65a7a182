package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.arch.Architecture;
import io.karipap.model.family.Architectures;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;

/**
 * A model that is not compressed, opened in its folder in Hugging Face layout: its files are
 * mapped, and a matrix is read when it is asked for.
 */
public final class OriginalModel implements AutoCloseable {

  private final Path folder;
  private final Architectures architectures;
  private final Tokenizer tokenizer;
  private final TensorStore store;
  private final CheckpointWeights weights;
  private final TensorOwner vectors;

  private OriginalModel(
      Path folder,
      Architectures architectures,
      Tokenizer tokenizer,
      TensorStore store,
      CheckpointWeights weights,
      TensorOwner vectors) {
    this.folder = folder;
    this.architectures = architectures;
    this.tokenizer = tokenizer;
    this.store = store;
    this.weights = weights;
    this.vectors = vectors;
  }

  /**
   * Opens a model.
   *
   * @param architectures the families that it may be of
   * @throws CheckpointException if the folder is not a model, the model is compressed already, or
   *     its files and its configuration do not fit together
   */
  public static OriginalModel open(Path folder, Architectures architectures) {
    Architecture architecture = LoadedModel.architecture(folder, architectures);
    if (Artifact.manifest(folder).isPresent()) {
      throw new CheckpointException(
          folder + " is compressed already: compress its original instead");
    }
    Tokenizer tokenizer = Tokenizer.open(folder, architecture.config());
    TensorOwner owner = new TensorOwner();
    try (var _ = new TensorScope()) {
      TensorStore store = TensorStore.open(folder);
      try {
        CheckpointWeights weights = CheckpointWeights.of(architecture, store);
        weights.vectors().values().forEach(owner::own);
        return new OriginalModel(folder, architectures, tokenizer, store, weights, owner);
      } catch (RuntimeException e) {
        store.close();
        throw e;
      }
    } catch (RuntimeException e) {
      owner.close();
      tokenizer.close();
      throw e;
    }
  }

  /** The folder it was opened in. */
  public Path folder() {
    return folder;
  }

  /** Its matrices and vectors, and how it computes. */
  public Architecture architecture() {
    return weights.architecture();
  }

  /** Sizes and tokens of the architecture. */
  public ModelConfig config() {
    return architecture().config();
  }

  /** Its tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Its parameters; open as long as this model is. */
  public WeightSource weights() {
    return weights;
  }

  /** The same model in memory as a whole; the caller closes it. */
  public LoadedModel loaded() {
    return LoadedModel.open(folder, architectures);
  }

  @Override
  public void close() {
    vectors.close();
    store.close();
    tokenizer.close();
  }
}
