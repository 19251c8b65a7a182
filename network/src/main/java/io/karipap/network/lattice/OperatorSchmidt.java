package io.karipap.network.lattice;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeCut;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The operator Schmidt spectrum of a matrix across a cut: W = sum_k s_k A_k (x) B_k with
 * orthonormal operators A_k on the one part of its sites and B_k on the other (Nielsen et al. 2003,
 * "Quantum dynamics as a physical resource", section II.B). With p_k = s_k^2 / sum s^2 it is the
 * entanglement spectrum of the operator. It bounds compression: the squared error of a network
 * whose bonds across the cut have a total dimension of D is at least {@link #tail} of D.
 */
public final class OperatorSchmidt {

  private final double[] values;
  private final double[] p;
  private final long larger;

  private OperatorSchmidt(double[] values, long larger) {
    double norm = Arrays.stream(values).map(s -> s * s).sum();
    if (norm == 0) {
      throw new IllegalArgumentException("the Schmidt spectrum of a matrix that is zero");
    }
    this.values = values;
    this.larger = larger;
    this.p = Arrays.stream(values).map(s -> s * s / norm).toArray();
  }

  /**
   * The spectrum between the rows and the columns: the singular values.
   *
   * @param w [m, n]
   * @throws IllegalArgumentException if w is zero or not finite
   */
  public static OperatorSchmidt ofRowsAndColumns(Tensor w) {
    requireFinite(w);
    return of(w.detach().to(DType.F64));
  }

  /**
   * The spectrum across a cut of a lattice: singular values of W[(o_A i_A), (o_B i_B)], A the sites
   * of the cut's part and B the others.
   *
   * @param w [m, n]; padded with zeros to the lattice's size
   * @throws IllegalArgumentException if w is not of the lattice's size, is zero or not finite
   */
  public static OperatorSchmidt of(Tensor w, Lattice lattice, LatticeCut cut) {
    if (w.size(0) != lattice.matrixRows() || w.size(1) != lattice.matrixColumns()) {
      throw new IllegalArgumentException(
          "a %d x %d matrix on a lattice for %d x %d"
              .formatted(w.size(0), w.size(1), lattice.matrixRows(), lattice.matrixColumns()));
    }
    requireFinite(w);
    int sites = lattice.sites();
    long[] legs =
        LongStream.concat(
                lattice.outputs().stream().mapToLong(Integer::longValue),
                lattice.inputs().stream().mapToLong(Integer::longValue))
            .toArray();
    List<Integer> partFirst =
        IntStream.concat(
                cut.part().stream().mapToInt(Integer::intValue),
                IntStream.range(0, sites).filter(s -> !cut.part().contains(s)))
            .boxed()
            .toList();
    int inA = cut.part().size();
    // o_A, i_A, o_B, i_B
    long[] order =
        LongStream.concat(
                both(partFirst.subList(0, inA), sites), both(partFirst.subList(inA, sites), sites))
            .toArray();
    long sizeOfA =
        cut.part().stream().mapToLong(s -> legs[s] * legs[sites + s]).reduce(1, (a, b) -> a * b);
    Tensor unfolded =
        w.detach()
            .to(DType.F64)
            .padTo(lattice.paddedRows(), lattice.paddedColumns())
            .reshape(legs)
            .permute(order)
            .reshape(sizeOfA, -1);
    return of(unfolded);
  }

  private static OperatorSchmidt of(Tensor unfolded) {
    return new OperatorSchmidt(
        Linalg.singularValues(unfolded).toDoubles(), Math.max(unfolded.size(0), unfolded.size(1)));
  }

  private static LongStream both(List<Integer> part, int sites) {
    return LongStream.concat(
        part.stream().mapToLong(Integer::longValue),
        part.stream().mapToLong(s -> (long) sites + s));
  }

  private static void requireFinite(Tensor w) {
    if (!w.isFinite()) {
      throw new IllegalArgumentException("the matrix has elements that are not finite numbers");
    }
  }

  /** The Schmidt coefficients s_k, decreasing; the sum of their squares is ||W||^2. */
  public double[] values() {
    return values.clone();
  }

  /** Number of coefficients D, zeros included: the largest bond that the cut can need. */
  public int dimension() {
    return values.length;
  }

  /** Von Neumann entropy - sum p ln p in nats, from 0 to ln D. */
  public double entropy() {
    return -Arrays.stream(p).filter(x -> x > 0).map(x -> x * Math.log(x)).sum();
  }

  /**
   * The mean entropy of a matrix of independent normal numbers across this cut, ln D - D / (2 N), N
   * the larger dimension of the two (Page 1993, for large D): the entropy without any structure.
   */
  public double randomEntropy() {
    return Math.log(values.length) - values.length / (2.0 * larger);
  }

  /** Renyi entropy of order 2, - ln sum p^2, in nats: at most {@link #entropy}. */
  public double renyi2() {
    return -Math.log(Arrays.stream(p).map(x -> x * x).sum());
  }

  /** exp(entropy), from 1 to D: how many equal coefficients would be as entangled. */
  public double effectiveRank() {
    return Math.exp(entropy());
  }

  /** Share of ||W||^2 in all coefficients but the {@code kept} largest. */
  public double tail(int kept) {
    return Arrays.stream(p).skip(kept).sum();
  }

  /** The least number of coefficients whose {@link #tail} is at most {@code squaredError}. */
  public int rank(double squaredError) {
    int rank = p.length;
    double tail = 0;
    while (rank > 0 && tail + p[rank - 1] <= squaredError) {
      tail += p[--rank];
    }
    return rank;
  }
}
