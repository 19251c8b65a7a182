package io.karipap.model;

import io.karipap.model.text.TokenSequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The models and reference vectors that tests are held against. */
public final class SharedModels {

  private static final Path ROOT = Path.of(System.getProperty("karipap.shared"));

  private SharedModels() {}

  public static Path model(String name) {
    return ROOT.resolve("models").resolve(name);
  }

  public static Path data(String name) {
    return ROOT.resolve("data").resolve(name);
  }

  public static String reference(String name) {
    try {
      return Files.readString(ROOT.resolve("reference").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The fixed ids of a model, one story each, cut to {@code length} tokens. */
  public static List<TokenSequence> ids(String name, int length) {
    return reference(name + ".ids")
        .lines()
        .map(line ->
            TokenSequence.of(
                Stream.of(line.strip().split(" "))
                    .limit(length)
                    .mapToInt(Integer::parseInt)
                    .toArray()))
        .toList();
  }
}
