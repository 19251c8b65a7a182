package io.karipap.network.rg;

import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;

/**
 * A tensor split in two along a new bond by its singular value decomposition, T = u diag(s) v.
 *
 * @param u isometry, the first group of legs and the bond
 * @param s [bond], decreasing
 * @param v isometry, the bond and the second group of legs
 * @param total sum of the squares of all singular values, kept or not
 */
public record Split(Tensor u, Tensor s, Tensor v, double total) {

  /**
   * The randomized SVD is used when rows and columns are at least this many times the bond
   * dimension.
   */
  private static final int MIN_RANDOMIZED_RATIO = 4;

  /**
   * The best approximation of a tensor by two with a bond between them (Eckart and Young).
   *
   * @param pattern legs of the tensor, of its first and of its second half, such as {@code "lurd ->
   *     lu|rd"}
   * @throws IllegalArgumentException if the pattern does not name every leg of the tensor twice
   */
  public static Split of(Tensor tensor, String pattern, TruncationRule truncation) {
    Pattern legs = Pattern.of(pattern, tensor.rank());
    Tensor ordered = tensor.permute(legs.order());
    long[] shape = ordered.shape();
    long[] first = Arrays.copyOf(shape, legs.first());
    long[] second = Arrays.copyOfRange(shape, legs.first(), shape.length);
    Tensor matrix = ordered.reshape(size(first), size(second));
    Linalg.Svd svd = svd(matrix, truncation);
    double norm = matrix.norm().item();
    int bond = truncation.kept(svd.s().toDoubles(), norm * norm);
    return new Split(
        svd.u().narrow(1, 0, bond).reshape(append(first, bond)),
        svd.s().narrow(0, 0, bond),
        svd.vh().narrow(0, 0, bond).reshape(prepend(bond, second)),
        norm * norm);
  }

  /** u s^(1/2). */
  public Tensor left() {
    return left(0.5);
  }

  /** s^(1/2) v. */
  public Tensor right() {
    return right(0.5);
  }

  /** u s^power. */
  public Tensor left(double power) {
    return u.mul(s.pow(power));
  }

  /** s^power v. */
  public Tensor right(double power) {
    long[] column = new long[v.rank()];
    Arrays.fill(column, 1);
    column[0] = s.size(0);
    return v.mul(s.pow(power).reshape(column));
  }

  /** Sum of the squares of the discarded singular values, as a share of all. */
  public double discardedWeight() {
    return Math.max(0, 1 - s.square().sum().item() / total);
  }

  private static Linalg.Svd svd(Tensor matrix, TruncationRule truncation) {
    int smaller = Math.min(matrix.size(0), matrix.size(1));
    return truncation.bond() <= smaller / MIN_RANDOMIZED_RATIO
        ? RandomizedSvd.of(matrix, truncation.bond())
        : Linalg.svd(matrix);
  }

  private static long size(long[] legs) {
    return Arrays.stream(legs).reduce(1, Math::multiplyExact);
  }

  private static long[] append(long[] legs, long bond) {
    long[] all = Arrays.copyOf(legs, legs.length + 1);
    all[legs.length] = bond;
    return all;
  }

  private static long[] prepend(long bond, long[] legs) {
    long[] all = new long[legs.length + 1];
    all[0] = bond;
    System.arraycopy(legs, 0, all, 1, legs.length);
    return all;
  }

  /**
   * A pattern, read.
   *
   * @param legs of the tensor
   * @param ordered the legs of the first group before those of the second
   * @param first number of legs in the first group
   */
  private record Pattern(String legs, String ordered, int first) {

    static Pattern of(String text, int rank) {
      String legs = text.replaceFirst("->.*", "").strip();
      String groups = text.replaceFirst(".*->", "").strip();
      Pattern pattern = new Pattern(legs, groups.replace("|", ""), groups.indexOf('|'));
      long named = Arrays.stream(pattern.order()).filter(leg -> leg >= 0).distinct().count();
      if (pattern.first() < 0
          || named != rank
          || legs.length() != rank
          || pattern.ordered().length() != rank) {
        throw new IllegalArgumentException(
            "'%s' does not split a tensor of %d legs in two".formatted(text, rank));
      }
      return pattern;
    }

    long[] order() {
      return ordered.chars().mapToLong(legs::indexOf).toArray();
    }
  }
}
