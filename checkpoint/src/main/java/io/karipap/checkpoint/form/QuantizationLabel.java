package io.karipap.checkpoint.form;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the numbers of a matrix are to be stored, as a plan says it:
 *
 * <pre>
 * label  = coding | coding "+rank" rank ":" coding
 * coding = format "/" group
 * </pre>
 *
 * <p>{@code int4/64} are four bits in groups of 64 numbers that share a scale, {@code
 * lloyd2/128+rank8:int6/64} two bits and a low-rank correction of rank 8 in six.
 *
 * @param numbers of the matrix
 * @param correction a low-rank pair that is added
 */
public record QuantizationLabel(Coding numbers, Optional<Correction> correction) {

  private static final String ONE = "(\\w+)/([1-9]\\d{0,3})";
  private static final Pattern LABEL =
      Pattern.compile(ONE + "(?:\\+rank([1-9]\\d{0,4}):" + ONE + ")?");

  /**
   * A number format and its groups.
   *
   * @param group numbers that share a scale; 0 means a whole row
   */
  public record Coding(NumberFormat format, int group) {

    @Override
    public String toString() {
      return format.label() + "/" + group;
    }
  }

  /** A low-rank pair beside the matrix, and how its numbers are stored. */
  public record Correction(int rank, Coding numbers) {}

  /**
   * Reads a label.
   *
   * @throws IllegalArgumentException if it is none; gives examples
   */
  public static QuantizationLabel of(String label) {
    Matcher parts = LABEL.matcher(label);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "number format '%s'; expected are such as int4/64, lloyd2/128+rank8:int6/64, or float32"
              .formatted(label));
    }
    return new QuantizationLabel(
        coding(parts.group(1), parts.group(2)),
        Optional.ofNullable(parts.group(3))
            .map(rank ->
                new Correction(Integer.parseInt(rank), coding(parts.group(4), parts.group(5)))));
  }

  private static Coding coding(String format, String group) {
    return new Coding(NumberFormat.of(format), Integer.parseInt(group));
  }

  /** The label that {@link #of} reads. */
  @Override
  public String toString() {
    return numbers + correction.map(c -> "+rank" + c.rank() + ":" + c.numbers()).orElse("");
  }
}
