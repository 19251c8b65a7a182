package io.karipap.compress;

import io.karipap.network.quantize.QuantizationScheme;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the numbers of a matrix are coded.
 *
 * @param scheme of them all
 * @param correction a low-rank pair beside the codes of a dense matrix
 */
public record QuantizationSpec(QuantizationScheme scheme, Optional<Correction> correction) {

  /**
   * What is added to a matrix in few bits: directions of large weights, taken out of the range of
   * its codes, in a finer format.
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

  private static final String ONE = "(\\w+)/([1-9]\\d{0,3})";
  private static final Pattern LABEL =
      Pattern.compile(ONE + "(?:\\+rank([1-9]\\d{0,4}):" + ONE + ")?");

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
    Matcher parts = LABEL.matcher(label);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "number format '%s'; expected are such as int4/64, lloyd2/128+rank8:int6/64, or %s"
              .formatted(label, Plan.Entry.PLAIN));
    }
    Optional<Correction> correction =
        Optional.ofNullable(parts.group(3))
            .map(rank ->
                new Correction(Integer.parseInt(rank), scheme(parts.group(4), parts.group(5))));
    return new QuantizationSpec(scheme(parts.group(1), parts.group(2)), correction);
  }

  private static QuantizationScheme scheme(String format, String group) {
    return QuantizationScheme.of(format, Integer.parseInt(group));
  }

  /** The label that {@link #parse} reads. */
  public String label() {
    return label(scheme)
        + correction.map(c -> "+rank" + c.rank() + ":" + label(c.scheme())).orElse("");
  }

  private static String label(QuantizationScheme scheme) {
    return scheme.format().label() + "/" + scheme.group();
  }
}
