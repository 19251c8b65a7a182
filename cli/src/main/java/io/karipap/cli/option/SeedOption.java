package io.karipap.cli.option;

import picocli.CommandLine.Option;

/** {@code --seed N}. */
public final class SeedOption {

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all random choices (default: ${DEFAULT-VALUE}).")
  private long value;

  /** The seed. */
  public long value() {
    return value;
  }
}
