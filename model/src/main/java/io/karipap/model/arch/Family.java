package io.karipap.model.arch;

import io.karipap.checkpoint.config.ConfigFile;
import java.util.List;
import java.util.function.Function;

/**
 * A model family, before the size of a model is known.
 *
 * @param names which {@code architectures} of config.json are of this family
 * @param reader makes the architecture of a configuration of one of these names; it throws a {@link
 *     io.karipap.checkpoint.CheckpointException} where a value is missing or out of range
 */
public record Family(List<String> names, Function<ConfigFile, Architecture> reader) {

  /** Copies the list. */
  public Family {
    names = List.copyOf(names);
  }

  /** Whether a configuration is of this family. */
  public boolean accepts(ConfigFile file) {
    return file.architectures().size() == 1 && names.contains(file.architectures().getFirst());
  }
}
