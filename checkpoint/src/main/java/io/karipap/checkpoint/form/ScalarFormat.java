package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Numbers in groups, each of them a code for one of a few levels. A code c stands for {@code scale
 * (level(c) - zero) + shift}; scale, zero and shift belong to the group.
 */
public sealed interface ScalarFormat extends NumberFormat {

  /** The values of the codes 0, 1, ..., increasing; at most 256, exact in float32. */
  List<Double> levels();

  /** Whether groups have an integer zero point, a code too. */
  default boolean hasZeros() {
    return this instanceof Integers integers && integers.asymmetric();
  }

  /** Whether groups have a shift. */
  default boolean hasShifts() {
    return this instanceof Ternary;
  }

  /** How codes and zero points are packed. */
  default CodeWidth width() {
    return new CodeWidth(levels().size());
  }

  @Override
  default double bitsPerNumber() {
    return width().bitsPerCode();
  }

  /**
   * Packed {@code .codes} and {@code .zeros}, {@code .scales} and {@code .shifts} [rows, groups].
   */
  @Override
  default List<StoredTensor> tensors(String name, GroupLayout groups) {
    List<StoredTensor> tensors = new ArrayList<>();
    tensors.add(StoredTensor.bytes(name + ".codes", width(), groups.elements()));
    if (hasZeros()) {
      tensors.add(StoredTensor.bytes(name + ".zeros", width(), groups.count()));
    }
    tensors.add(StoredTensor.scales(name + ".scales", groups.rows(), groups.perRow()));
    if (hasShifts()) {
      tensors.add(StoredTensor.scales(name + ".shifts", groups.rows(), groups.perRow()));
    }
    return List.copyOf(tensors);
  }

  /**
   * Integers of some bits.
   *
   * @param bits 2 to 8
   * @param asymmetric whether a group has a zero point, an integer too: levels are 0, 1, ...,
   *     2^bits - 1 then, and otherwise from -(2^(bits-1) - 1) to 2^(bits-1) - 1
   */
  record Integers(int bits, boolean asymmetric) implements ScalarFormat {

    /**
     * Checks the width.
     *
     * @throws IllegalArgumentException if it is not 2 to 8
     */
    public Integers {
      requireBits(bits);
    }

    @Override
    public String label() {
      return (asymmetric ? "uint" : "int") + bits;
    }

    @Override
    public List<Double> levels() {
      int largest = asymmetric ? (1 << bits) - 1 : (1 << (bits - 1)) - 1;
      return IntStream.rangeClosed(asymmetric ? 0 : -largest, largest)
          .asDoubleStream()
          .boxed()
          .toList();
    }
  }

  /**
   * Additive powers of two (APoT, Li, Dong and Wang, ICLR 2020, eq. 5 with base width 2, and its
   * authors' rule for odd widths): a sign, and a sum of terms that are each zero or one of three
   * powers of two. Levels lie densely around zero, as weights do, and multiply by shifts.
   *
   * @param bits 2 to 8, with the sign
   */
  record PowersOfTwo(int bits) implements ScalarFormat {

    /**
     * Checks the width.
     *
     * @throws IllegalArgumentException if it is not 2 to 8
     */
    public PowersOfTwo {
      requireBits(bits);
    }

    @Override
    public String label() {
      return "apot" + bits;
    }

    @Override
    public List<Double> levels() {
      int terms = (bits - 1) / 2;
      boolean odd = (bits - 1) % 2 == 1; // then one more term has a single power
      double[][] powers = new double[terms + 1][4];
      double power = 1;
      for (int round = 0; round < 3; round++) {
        if (round == 2 && odd) {
          power /= 2;
          powers[terms][1] = power;
        }
        for (int term = 0; term < terms; term++) {
          power /= 2;
          powers[term][1 + round] = power;
        }
      }
      DoubleStream sums = DoubleStream.of(0);
      for (double[] term : powers) {
        sums = sums.flatMap(sum -> DoubleStream.of(term).map(p -> sum + p));
      }
      return sums.flatMap(sum -> DoubleStream.of(sum, 0 - sum))
          .sorted()
          .distinct()
          .boxed()
          .toList();
    }
  }

  /**
   * The levels that round normal variables with the least squared error (Lloyd 1957; Max 1960,
   * table I): twice as many as there are sizes, none of them zero. Weights within a group are
   * nearly normal, and at 2 bits four levels about zero lose a fifth less than integers with zero
   * among them.
   *
   * @param bits 2 to 4
   */
  record LloydMax(int bits) implements ScalarFormat {

    private static final List<double[]> SIZES =
        List.of(
            new double[] {0.45278003, 1.51041761},
            new double[] {0.24509418, 0.75600528, 1.34390928, 2.1519457},
            new double[] {
              0.12839503,
              0.3880483,
              0.65675912,
              0.94234046,
              1.2562312,
              1.61804639,
              2.06901723,
              2.73258957
            });

    /**
     * Checks the width.
     *
     * @throws IllegalArgumentException if it is not 2 to 4
     */
    public LloydMax {
      if (bits < 2 || bits > 4) {
        throw new IllegalArgumentException("Lloyd-Max levels have 2 to 4 bits, not " + bits);
      }
    }

    @Override
    public String label() {
      return "lloyd" + bits;
    }

    @Override
    public List<Double> levels() {
      return DoubleStream.of(SIZES.get(bits - 2))
          .map(size -> (float) size)
          .flatMap(size -> DoubleStream.of(size, -size))
          .sorted()
          .boxed()
          .toList();
    }
  }

  /**
   * Minus one, zero and one, about a mean that every group has for itself (PT2-LLM, "asymmetric
   * ternary quantizer"): W = alpha T + mu.
   */
  record Ternary() implements ScalarFormat {

    @Override
    public String label() {
      return "ternary";
    }

    @Override
    public List<Double> levels() {
      return List.of(-1.0, 0.0, 1.0);
    }
  }

  /** The format of a label, if it is one. */
  static Optional<ScalarFormat> find(String label) {
    Matcher parts = Pattern.compile("(int|uint|apot|lloyd(?=[2-4]))([2-8])").matcher(label);
    if (label.equals("ternary")) {
      return Optional.of(new Ternary());
    }
    if (!parts.matches()) {
      return Optional.empty();
    }
    int bits = Integer.parseInt(parts.group(2));
    return Optional.of(
        switch (parts.group(1)) {
          case "apot" -> new PowersOfTwo(bits);
          case "lloyd" -> new LloydMax(bits);
          default -> new Integers(bits, parts.group(1).equals("uint"));
        });
  }

  /**
   * The format of a label.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  static ScalarFormat of(String label) {
    return find(label).orElseThrow(() -> NumberFormat.unknown(label));
  }

  private static void requireBits(int bits) {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("numbers are coded in 2 to 8 bits, not " + bits);
    }
  }
}
