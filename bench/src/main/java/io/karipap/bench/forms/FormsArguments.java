package io.karipap.bench.forms;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The arguments of {@code karipap bench forms}.
 *
 * @param model folder of a model, if its layers are to be fitted
 * @param calibration text for its activations
 * @param tensors safetensors file with matrices to fit in the identity metric
 * @param shares of the parameters to keep
 * @param iterations of a fit at most
 * @param largeIterations of fits on more than four sites, which take ten times as long each
 * @param matrices regular expression of the names that are fitted
 * @param tokens of the calibration text to use
 * @param cells whether to fit cells, too
 */
public record FormsArguments(
    Optional<Path> model,
    Optional<Path> calibration,
    Optional<Path> tensors,
    List<Double> shares,
    int iterations,
    int largeIterations,
    String matrices,
    int tokens,
    boolean cells) {

  /** The options, for an error message. */
  public static final String USAGE =
      """
      karipap: usage: karipap bench forms [MODEL --calibration TEXT] [--tensors FILE] \
      [--shares 0.3,0.15] [--iterations N] [--large-iterations N] [--matrices REGEX] [--tokens N] \
      [--no-cells]\
      """;

  /**
   * Parses a command line.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  public static FormsArguments of(List<String> words) {
    FormsArguments parsed =
        new FormsArguments(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(0.3, 0.15),
            100,
            40,
            ".*",
            1 << 14,
            true);
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      parsed = word.equals("--no-cells") ? parsed.withoutCells() : parsed.with(word, rest);
    }
    boolean nothing = parsed.model.isEmpty() && parsed.tensors.isEmpty();
    if (nothing || parsed.model.isPresent() != parsed.calibration.isPresent()) {
      throw new IllegalArgumentException(
          "give a MODEL with --calibration, or --tensors FILE, or both");
    }
    return parsed;
  }

  private FormsArguments withoutCells() {
    return new FormsArguments(
        model, calibration, tensors, shares, iterations, largeIterations, matrices, tokens, false);
  }

  private FormsArguments with(String word, Iterator<String> rest) {
    boolean option = word.startsWith("--");
    if (option && !rest.hasNext()) {
      throw new IllegalArgumentException(word + " needs a value");
    }
    String value = option ? rest.next() : word;
    String name = option ? word : "MODEL";
    if (!List.of(
            "MODEL",
            "--calibration",
            "--tensors",
            "--shares",
            "--iterations",
            "--large-iterations",
            "--matrices",
            "--tokens")
        .contains(name)) {
      throw new IllegalArgumentException("unknown option " + word);
    }
    return new FormsArguments(
        name.equals("MODEL") ? Optional.of(Path.of(value)) : model,
        name.equals("--calibration") ? Optional.of(Path.of(value)) : calibration,
        name.equals("--tensors") ? Optional.of(Path.of(value)) : tensors,
        name.equals("--shares")
            ? Arrays.stream(value.split(",", -1)).map(Double::valueOf).toList()
            : shares,
        name.equals("--iterations") ? Integer.parseInt(value) : iterations,
        name.equals("--large-iterations") ? Integer.parseInt(value) : largeIterations,
        name.equals("--matrices") ? value : matrices,
        name.equals("--tokens") ? Integer.parseInt(value) : tokens,
        cells);
  }
}
