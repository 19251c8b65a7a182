package io.karipap.compress.profile;

import io.karipap.network.lattice.OperatorSchmidt;
import java.util.Arrays;
import java.util.List;

/**
 * How entangled a matrix is across one cut.
 *
 * @param cut the cut's name
 * @param entropy von Neumann entropy of the operator Schmidt spectrum, in nats
 * @param renyi2 Renyi entropy of order 2, in nats
 * @param effectiveRank exp(entropy)
 * @param dimension D, the number of Schmidt coefficients: the entropy is at most ln D
 * @param random the entropy of a matrix of independent normal numbers across this cut
 * @param spectrum the largest shares p_k of the squared norm, decreasing, at most {@link #KEPT}
 */
public record Entanglement(
    String cut,
    double entropy,
    double renyi2,
    double effectiveRank,
    int dimension,
    double random,
    List<Double> spectrum) {

  /** Coefficients that are kept of a spectrum. */
  static final int KEPT = 64;

  /** Copies the list. */
  public Entanglement {
    spectrum = List.copyOf(spectrum);
  }

  static Entanglement of(String cut, OperatorSchmidt schmidt) {
    double[] s = schmidt.values();
    double norm = Arrays.stream(s).map(x -> x * x).sum();
    return new Entanglement(
        cut,
        schmidt.entropy(),
        schmidt.renyi2(),
        schmidt.effectiveRank(),
        schmidt.dimension(),
        schmidt.randomEntropy(),
        Arrays.stream(s).limit(KEPT).mapToObj(x -> x * x / norm).toList());
  }

  /** The entropy as a share of the most that the cut allows: 0 for a product, 1 for a SWAP. */
  public double filling() {
    return dimension == 1 ? 0 : entropy / Math.log(dimension);
  }
}
