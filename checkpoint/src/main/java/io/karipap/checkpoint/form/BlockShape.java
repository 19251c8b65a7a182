package io.karipap.checkpoint.form;

/**
 * The shape of a block tensor train of two factors for a matrix of m = m1 m2 rows and n = n1 n2
 * columns.
 *
 * @param outerOutputs m1
 * @param innerOutputs m2
 * @param outerInputs n1
 * @param innerInputs n2
 * @param rank r
 * @param matrixRows m, at most m1 m2: the surplus is padding
 * @param matrixColumns n, at most n1 n2: the surplus is padding
 */
public record BlockShape(
    int outerOutputs,
    int innerOutputs,
    int outerInputs,
    int innerInputs,
    int rank,
    int matrixRows,
    int matrixColumns) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive or the matrix is larger than the
   *     factors' products
   */
  public BlockShape {
    if (Math.min(outerOutputs, innerOutputs) < 1
        || Math.min(outerInputs, innerInputs) < 1
        || Math.min(rank, Math.min(matrixRows, matrixColumns)) < 1
        || (long) outerOutputs * innerOutputs < matrixRows
        || (long) outerInputs * innerInputs < matrixColumns) {
      throw new IllegalArgumentException(
          "a block tensor train of (%d x %d) by (%d x %d) with rank %d cannot hold a %d x %d matrix"
              .formatted(
                  outerOutputs,
                  innerOutputs,
                  outerInputs,
                  innerInputs,
                  rank,
                  matrixRows,
                  matrixColumns));
    }
  }

  /** Shape of the left core: [m2, m1, n1 r]. */
  public long[] left() {
    return new long[] {innerOutputs, outerOutputs, (long) outerInputs * rank};
  }

  /** Shape of the right core: [n1, m2 r, n2]. */
  public long[] right() {
    return new long[] {outerInputs, (long) innerOutputs * rank, innerInputs};
  }

  /** Number of elements of both cores. */
  public long parameters() {
    return (long) rank * innerOutputs * outerInputs * Math.addExact(outerOutputs, innerInputs);
  }
}
