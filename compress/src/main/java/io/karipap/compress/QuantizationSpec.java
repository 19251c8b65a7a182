package io.karipap.compress;

import io.karipap.checkpoint.form.QuantizationLabel;
import io.karipap.network.quantize.QuantizationScheme;
import java.util.Optional;

/**
 * The number format of a matrix.
 *
 * @param scheme of them all
 * @param correction a low-rank pair beside the codes of a dense matrix
 */
public record QuantizationSpec(QuantizationScheme scheme, Optional<Correction> correction) {

  /**
   * A low-rank pair in a finer format that is added to a quantized matrix. It holds the directions
   * of large weights, so that the codes need a smaller range.
   *
   * @param rank of the pair
   * @param scheme of its numbers
   */
  public record Correction(int rank, QuantizationScheme scheme) {

    /**
     * Checks the rank.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Correction {
      if (rank < 1) {
        throw new IllegalArgumentException("a correction has a rank of at least 1, not " + rank);
      }
    }
  }

  /** All numbers in one format. */
  public static QuantizationSpec of(QuantizationScheme scheme) {
    return new QuantizationSpec(scheme, Optional.empty());
  }

  /**
   * Reads a label: {@code int4/64} for four bits in groups of 64 that share a scale, {@code
   * lloyd2/128+rank8:int6/64} with a correction.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static QuantizationSpec parse(String label) {
    QuantizationLabel parts = QuantizationLabel.of(label);
    return new QuantizationSpec(
        scheme(parts.numbers()),
        parts.correction().map(c -> new Correction(c.rank(), scheme(c.numbers()))));
  }

  private static QuantizationScheme scheme(QuantizationLabel.Coding coding) {
    return QuantizationScheme.of(coding.format().label(), coding.group());
  }

  /** The label that {@link #parse} reads. */
  public String label() {
    return new QuantizationLabel(
            coding(scheme),
            correction.map(c -> new QuantizationLabel.Correction(c.rank(), coding(c.scheme()))))
        .toString();
  }

  private static QuantizationLabel.Coding coding(QuantizationScheme scheme) {
    return new QuantizationLabel.Coding(scheme.format(), scheme.group());
  }
}
