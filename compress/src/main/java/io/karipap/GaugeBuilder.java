package io.karipap;

import static io.karipap.Parameters.atLeast;
import static io.karipap.Parameters.require;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.GaugeResult;
import io.karipap.compress.Progress;
import io.karipap.compress.gauge.GaugeExport;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.Symmetry;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The basis that a model is to be written in: a text is needed, all else has defaults. */
public final class GaugeBuilder {

  private final Path model;
  private Optional<Path> calibration = Optional.empty();
  private Optional<Set<Symmetry>> symmetries = Optional.empty();
  private int calibrationTokens = CalibrationText.TOKENS;
  private Architectures architectures = Architectures.standard();
  private Progress progress = Progress.NONE;

  GaugeBuilder(Path model) {
    this.model = model;
  }

  /** UTF-8 text that the basis is chosen on. */
  public GaugeBuilder calibration(Path text) {
    calibration = Optional.of(text);
    return this;
  }

  /** Symmetries that it is chosen from, at least one (default: all that the model has). */
  public GaugeBuilder symmetries(Set<Symmetry> choice) {
    require(!choice.isEmpty(), "`symmetries` must not be empty: the basis would stay as it is");
    symmetries = Optional.of(EnumSet.copyOf(choice));
    return this;
  }

  /** Tokens of the calibration text to use at most. */
  public GaugeBuilder calibrationTokens(int count) {
    atLeast(2, "calibrationTokens", count);
    calibrationTokens = count;
    return this;
  }

  /** Families that the model is looked for in (default: those of this library). */
  public GaugeBuilder architectures(Architectures families) {
    architectures = families;
    return this;
  }

  /** Is told how far the work has come (default: nobody is). */
  public GaugeBuilder progress(Progress listener) {
    progress = listener;
    return this;
  }

  /**
   * Changes the basis and writes the model in float32.
   *
   * @param output folder of the model; must not exist, or be empty
   * @throws CheckpointException if an input is bad or the output cannot be written
   * @throws IllegalArgumentException if the text is missing
   */
  public GaugeResult to(Path output) {
    Path text = Parameters.given(calibration, "calibration", "a UTF-8 text file");
    return GaugeExport.run(
        model, architectures, text, symmetries, calibrationTokens, output, progress);
  }
}
