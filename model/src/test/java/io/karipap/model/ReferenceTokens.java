package io.karipap.model;

import io.karipap.model.text.TokenSequence;
import io.karipap.testing.SharedFiles;
import java.util.List;
import java.util.stream.Stream;

/** The ids that reference values of a model belong to. */
public final class ReferenceTokens {

  private ReferenceTokens() {}

  /** The fixed ids of a model, one story each, cut to {@code length} tokens. */
  public static List<TokenSequence> of(String model, int length) {
    return SharedFiles.reference(model + ".ids")
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
