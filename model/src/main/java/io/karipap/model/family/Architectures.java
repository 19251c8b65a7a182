package io.karipap.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.config.ConfigFile;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Family;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The model families that a program knows: an explicit list. */
public record Architectures(List<Family> families) {

  private static final Architectures STANDARD =
      new Architectures(List.of(LlamaArchitecture.FAMILY));

  /** Copies the list. */
  public Architectures {
    families = List.copyOf(families);
  }

  /** The families of this library. */
  public static Architectures standard() {
    return STANDARD;
  }

  /** These and another family. */
  public Architectures with(Family family) {
    return new Architectures(Stream.concat(families.stream(), Stream.of(family)).toList());
  }

  /**
   * The architecture that config.json describes.
   *
   * @throws CheckpointException where the file is unreadable, a value missing or out of range, or
   *     the family not known
   */
  public Architecture read(Path configJson) {
    return of(ConfigFile.read(configJson));
  }

  /**
   * The architecture that a configuration describes.
   *
   * @param where the configuration's source, for messages
   * @throws CheckpointException as {@link #read} does
   */
  public Architecture parse(ObjectNode json, String where) {
    return of(ConfigFile.of(json, where));
  }

  private Architecture of(ConfigFile file) {
    return families.stream()
        .filter(family -> family.accepts(file))
        .findFirst()
        .orElseThrow(
            () -> file.unsupported(families.stream().flatMap(f -> f.names().stream()).toList()))
        .reader()
        .apply(file);
  }
}
