package io.karipap;

import static io.karipap.Parameters.atLeast;
import static io.karipap.Parameters.require;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.Progress;
import io.karipap.compress.StorageFormat;
import io.karipap.compress.quantize.ArtifactQuantization;
import io.karipap.model.family.Architectures;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.Optional;

/**
 * In which numbers a compressed model is to be stored: a {@link #format} is needed, and text to
 * calibrate on where it is one of less than 16 bits.
 */
public final class QuantizationBuilder {

  private final Path artifact;
  private Optional<StorageFormat> format = Optional.empty();
  private Optional<Path> calibration = Optional.empty();
  private int calibrationTokens = CalibrationText.TOKENS;
  private int group = 64;
  private Optional<String> command = Optional.empty();
  private Architectures architectures = Architectures.standard();
  private Progress progress = Progress.NONE;

  QuantizationBuilder(Path artifact) {
    this.artifact = artifact;
  }

  /**
   * The format of all numbers by its label, such as {@code float16} or {@code int4}.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  public QuantizationBuilder format(String label) {
    return format(StorageFormat.of(label));
  }

  /** The format of all numbers. */
  public QuantizationBuilder format(StorageFormat numbers) {
    format = Optional.of(numbers);
    return this;
  }

  /** UTF-8 text that the layers' inputs are taken from. */
  public QuantizationBuilder calibration(Path text) {
    calibration = Optional.of(text);
    return this;
  }

  /** Tokens of the calibration text to use at most. */
  public QuantizationBuilder calibrationTokens(int count) {
    atLeast(2, "calibrationTokens", count);
    calibrationTokens = count;
    return this;
  }

  /** Numbers that share a scale, 1 to 1024 (default: 64). */
  public QuantizationBuilder group(int size) {
    require(size >= 1 && size <= 1024, "`group` must be 1 to 1024, not " + size);
    group = size;
    return this;
  }

  /** The command that a person typed to ask for this, for the report; changes nothing else. */
  public QuantizationBuilder command(String typed) {
    command = Optional.of(typed);
    return this;
  }

  /** Families that the model is looked for in (default: those of this library). */
  public QuantizationBuilder architectures(Architectures families) {
    architectures = families;
    return this;
  }

  /** Is told how far the work has come (default: nobody is). */
  public QuantizationBuilder progress(Progress listener) {
    progress = listener;
    return this;
  }

  /**
   * Quantizes and writes the result.
   *
   * @param output folder of the new artifact; may be that of the old one
   * @throws CheckpointException if an input is bad, or holds numbers that are too large
   * @throws IllegalArgumentException if a parameter is missing, or numbers are quantized already
   */
  public void to(Path output) {
    switch (Parameters.given(format, "format", "one of " + StorageFormat.LABELS)) {
      case StorageFormat.Half half ->
          ArtifactQuantization.toHalf(artifact, architectures, output, half.type(), command);
      case StorageFormat.Codes codes ->
          ArtifactQuantization.toCodes(
              artifact,
              architectures,
              output,
              Parameters.given(calibration, "calibration", "a UTF-8 text file"),
              calibrationTokens,
              new QuantizationScheme(codes.format(), group, ScaleType.F16, true),
              command,
              progress);
    }
  }
}
