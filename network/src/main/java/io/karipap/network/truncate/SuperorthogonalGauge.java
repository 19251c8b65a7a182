package io.karipap.network.truncate;

import io.karipap.checkpoint.form.LatticeBond;
import io.karipap.network.Pepo;
import io.karipap.network.lattice.BondGauge;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The superorthogonal gauge (Ran et al., Phys. Rev. B 86, 134429; Vidal's canonical form on trees):
 * every bond has positive weights lambda, and a site with the full weights of all its bonds but one
 * is orthogonal towards that one. Half of every weight is in each of the bond's two tensors.
 *
 * <p>Part of the library, as the gauge in which {@link SimpleUpdate} is most accurate; no stage of
 * a compression calls it.
 *
 * @param pepo the same operator in that gauge
 * @param weights lambda of every bond, decreasing, the largest 1
 * @param sweeps sweeps over all bonds
 * @param change largest change of a weight in the last one
 */
public record SuperorthogonalGauge(Pepo pepo, List<Tensor> weights, int sweeps, double change) {

  /** Keeps its own copy of the list. */
  public SuperorthogonalGauge {
    weights = List.copyOf(weights);
  }

  /**
   * Brings a network into the gauge.
   *
   * @param sweeps the most sweeps
   * @param tolerance the sweeps end when no weight changes by more
   */
  public static SuperorthogonalGauge of(Pepo network, int sweeps, double tolerance) {
    Pepo pepo =
        network.withCores(
            network.cores().stream().map(core -> core.detach().to(DType.F64)).toList());
    List<Tensor> weights = new ArrayList<>();
    for (int dimension : pepo.lattice().bondDimensions()) {
      weights.add(Tensor.full(1, DType.F64, dimension));
    }
    double change = Double.POSITIVE_INFINITY;
    int sweep = 0;
    while (sweep < sweeps && change > tolerance) {
      change = 0;
      for (int bond = 0; bond < weights.size(); bond++) {
        Step step = step(pepo, weights, bond);
        pepo = step.pepo();
        change = Math.max(change, change(weights.get(bond), step.weights()));
        weights.set(bond, step.weights());
      }
      sweep++;
    }
    return new SuperorthogonalGauge(pepo, weights, sweep, change);
  }

  private static double change(Tensor before, Tensor after) {
    // a bond that was larger than the rest of one of its sites has become smaller
    return before.size(0) == after.size(0) ? after.sub(before).abs().max().item() : 1;
  }

  private record Step(Pepo pepo, Tensor weights) {}

  /**
   * Makes one bond orthogonal: with theta = Q R the two ends, all other weights multiplied in, and
   * R_1 R_2^T = U lambda V^T, the bond gets R_2^T V lambda^(-1/2) on its first end and R_1^T U
   * lambda^(-1/2) on its second, whose product is one.
   */
  private static Step step(Pepo pepo, List<Tensor> weights, int number) {
    BondGauge bond = BondGauge.of(pepo.lattice(), number);
    Pepo outer = weighted(pepo, weights, bond.ends());
    Tensor r1 = Linalg.qr(bond.firstMatrix(outer)).r();
    Tensor r2 = Linalg.qr(bond.secondMatrix(outer)).r();
    var svd = Linalg.svd(r1.matmul(r2.transpose()));
    Tensor inverse = svd.s().pow(-0.5);
    Tensor g1 = r2.transpose().matmul(svd.vh().transpose()).mul(inverse);
    Tensor g2 = r1.transpose().matmul(svd.u()).mul(inverse);
    Pepo next =
        bond.with(pepo, bond.firstMatrix(pepo).matmul(g1), bond.secondMatrix(pepo).matmul(g2));
    return new Step(next, svd.s().mul(1 / svd.s().max().item()));
  }

  /** The missing halves of all other weights multiplied into both sites of a bond. */
  private static Pepo weighted(Pepo pepo, List<Tensor> weights, LatticeBond bond) {
    List<Tensor> cores = new ArrayList<>(pepo.cores());
    for (int site : List.of(bond.first(), bond.second())) {
      List<Integer> bonds = pepo.lattice().bondsOf(site);
      Tensor core = cores.get(site);
      for (int leg = 0; leg < bonds.size(); leg++) {
        if (bonds.get(leg) != bond.bond()) {
          Tensor root = weights.get(bonds.get(leg)).sqrt();
          core = core.transpose(2 + leg, -1).mul(root).transpose(2 + leg, -1);
        }
      }
      cores.set(site, core.contiguous());
    }
    return pepo.withCores(cores);
  }
}
