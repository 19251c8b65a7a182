package io.karipap.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a compressed artifact, all or nothing. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class ArtifactWriter implements AutoCloseable {
  /** Starts an artifact; nothing is visible at the target before {@link #commit}. */
  public static ArtifactWriter begin(Path target, boolean replaceOurs) {
    throw new UnsupportedOperationException();
  }

  /** Copies tokenizer and generation files of the original model, those that exist. */
  public void copyTokenizer(Path originalFolder) {
    throw new UnsupportedOperationException();
  }

  /** Adds a text file such as plan.yaml or report.html. */
  public void addText(String fileName, String content) {
    throw new UnsupportedOperationException();
  }

  /** Starts model.safetensors; the caller closes the writer before the commit. */
  public SafetensorsWriter tensors(List<TensorInfo> tensors, Map<String, String> metadata) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes config.json and moves the folder into place. The manifest's digest and size of the
   * tensors are filled in here.
   */
  public ArtifactManifest commit(ObjectNode originalConfig, ArtifactManifest manifest) {
    throw new UnsupportedOperationException();
  }

  /** Deletes the unfinished folder; does nothing after a commit. */
  @Override
  public void close() {}
}
