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
 * A network seen from one bond: the tensors of its two ends are reduced by QR, A_1 = Q_1 R_1 and
 * A_2 = Q_2 R_2 towards the bond, so that the operator is linear in the bond matrix B = R_1 R_2^T:
 * V = sum_pq B[p, q] V_pq (Lubasch, Cirac and Banuls, Phys. Rev. B 90, 064425).
 *
 * @param pepo the network, float64
 * @param gauge which bond
 * @param first Q_1 [rest of the first site, p]
 * @param second Q_2 [rest of the second site, q]
 * @param matrix B [p, q]
 */
record BondMatrix(Pepo pepo, BondGauge gauge, Tensor first, Tensor second, Tensor matrix) {

  static BondMatrix of(Pepo network, int number) {
    BondGauge gauge = BondGauge.of(network.lattice(), number);
    Pepo pepo =
        network.withCores(
            network.cores().stream().map(core -> core.detach().to(DType.F64)).toList());
    var a = Linalg.qr(gauge.firstMatrix(pepo));
    var b = Linalg.qr(gauge.secondMatrix(pepo));
    return new BondMatrix(pepo, gauge, a.q(), b.q(), a.r().matmul(b.r().transpose()));
  }

  /** The bond in the lattice. */
  LatticeBond bond() {
    return gauge.ends();
  }

  /** The present dimension of the bond. */
  int dimension() {
    return pepo.lattice().bondDimensions().get(bond().bond());
  }

  /** The network whose bond matrix is a b^T, for a [p, D] and b [q, D]. */
  Pepo with(Tensor a, Tensor b) {
    return gauge.with(pepo, first.matmul(a), second.matmul(b));
  }

  /** All site tensors, Q_1 and Q_2 at the ends of the bond. */
  List<Tensor> cutCores() {
    List<Tensor> cores = new ArrayList<>(pepo.cores());
    cores.set(bond().first(), gauge.firstCore(pepo, first));
    cores.set(bond().second(), gauge.secondCore(pepo, second));
    return cores;
  }

  int p() {
    return matrix.size(0);
  }

  int q() {
    return matrix.size(1);
  }
}
