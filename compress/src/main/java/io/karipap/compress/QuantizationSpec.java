package io.karipap.compress;

import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.checkpoint.form.QuantizationLabel;
import io.karipap.network.quantize.QuantizationScheme;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the numbers of a matrix are coded. */
public sealed interface QuantizationSpec {

  /**
   * Each number for itself.
   *
   * @param scheme of them all
   * @param correction a low-rank pair beside the codes of a dense matrix
   */
  record Scalar(QuantizationScheme scheme, Optional<Correction> correction)
      implements QuantizationSpec {

    @Override
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

  /**
   * All together, by an entropy coder.
   *
   * @param loss twice the nats per token that a number may cost, which its step follows from
   */
  record Coded(EntropyCoding coding, double loss) implements QuantizationSpec {

    /**
     * Checks the loss.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Coded {
      if (!(loss > 0 && loss < Double.MAX_VALUE)) {
        throw new IllegalArgumentException("the loss of a number is positive, not " + loss);
      }
    }

    @Override
    public Optional<Correction> correction() {
      return Optional.empty();
    }

    @Override
    public String label() {
      return coding.label() + "/" + String.format(Locale.ROOT, "%.3e", loss);
    }
  }

  /**
   * A low-rank pair in a finer format that is added to a quantized matrix. It holds the directions
   * of large weights, so that the codes need a smaller range.
   *
   * @param rank of the pair
   * @param scheme of its numbers
   */
  record Correction(int rank, QuantizationScheme scheme) {

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

  /** What an entropy coder's label looks like. */
  Pattern CODED = Pattern.compile("(coded\\d*)/(\\d\\.\\d+e[+-]\\d\\d)");

  /** All numbers in one format. */
  static QuantizationSpec of(QuantizationScheme scheme) {
    return new Scalar(scheme, Optional.empty());
  }

  /**
   * Reads a label: {@code int4/64} for four bits in groups of 64 that share a scale, {@code
   * lloyd2/128+rank8:int6/64} with a correction, {@code coded/1.250e-08} for an entropy coder.
   *
   * @throws IllegalArgumentException if it is none
   */
  static QuantizationSpec parse(String label) {
    Matcher coded = CODED.matcher(label);
    if (coded.matches()) {
      EntropyCoding coding =
          EntropyCoding.find(coded.group(1))
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "there is no coding '%s'; known are %s"
                          .formatted(coded.group(1), EntropyCoding.LABELS)));
      return new Coded(coding, Double.parseDouble(coded.group(2)));
    }
    QuantizationLabel parts = QuantizationLabel.of(label);
    return new Scalar(
        scheme(parts.numbers()),
        parts.correction().map(c -> new Correction(c.rank(), scheme(c.numbers()))));
  }

  private static QuantizationScheme scheme(QuantizationLabel.Coding coding) {
    return QuantizationScheme.of(coding.format().label(), coding.group());
  }

  /** A low-rank pair beside the numbers. */
  Optional<Correction> correction();

  /** The label that {@link #parse} reads. */
  String label();
}
