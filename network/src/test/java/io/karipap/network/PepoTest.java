package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.contract.PepoContraction;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PepoTest extends NetworkTest {

  @Test
  void isATensorRingOnTwoByTwoSites() {
    Pepo pepo = random(ring(), 1);
    List<Tensor> a = pepo.cores();
    // sites clockwise from the top left: bonds r (top), e (right side), b (bottom), l (left side)
    Tensor expected =
        Tensor.einsum("AWrl,BXre,CYlb,DZbe->ABCDWXYZ", a.get(0), a.get(1), a.get(2), a.get(3))
            .reshape(36, 24);

    assertThat(distance(pepo.matrix(), expected)).isLessThan(1e-13);
  }

  @Test
  void isAMatrixProductOperatorOnOneRow() {
    Lattice chain = lattice(1, 3, List.of(2, 3, 2), List.of(3, 2, 2), List.of(4, 3), List.of());
    Pepo pepo = random(chain, 2);
    List<Tensor> a = pepo.cores();
    Tensor expected =
        Tensor.einsum("AXp,BYpq,CZq->ABCXYZ", a.get(0), a.get(1), a.get(2)).reshape(12, 12);

    assertThat(distance(pepo.matrix(), expected)).isLessThan(1e-13);
  }

  @Test
  void contractsLoopsThatShareBonds() {
    Lattice grid =
        lattice(
            2,
            3,
            List.of(2, 1, 2, 2, 2, 1),
            List.of(1, 2, 2, 2, 1, 2),
            List.of(2, 3, 2, 2),
            List.of(3, 2, 2));
    Pepo pepo = random(grid, 3);
    Tensor expected =
        Tensor.einsum(
                "AGmp,BHmnq,CInr,DJps,EKsqt,FLtr->ABCDEFGHIJKL",
                pepo.cores().toArray(Tensor[]::new))
            .reshape(16, 16);

    assertThat(distance(pepo.matrix(), expected)).isLessThan(1e-13);
  }

  @Test
  void isItsOnlyTensorOnOneSite() {
    Pepo pepo = random(lattice(1, 1, List.of(5), List.of(4), List.of(), List.of()), 4);

    assertThat(pepo.matrix().toDoubles()).isEqualTo(pepo.cores().getFirst().toDoubles());
  }

  @Test
  void dropsThePadding() {
    Lattice lattice = paddedRing();
    Pepo pepo = random(lattice, 5);
    Pepo whole = new Pepo(ring(), pepo.cores());

    Tensor expected = whole.matrix().narrow(0, 0, 29).narrow(1, 0, 19);
    assertThat(distance(pepo.matrix(), expected)).isLessThan(1e-13);
    assertThat(pepo.rows()).isEqualTo(29);
    assertThat(pepo.columns()).isEqualTo(19);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 400})
  void appliesLikeItsMatrix(int vectors) {
    Pepo pepo = random(paddedRing(), 6);
    Tensor x = normal(7, 2, vectors, 19);

    assertThat(distance(pepo.apply(x), x.matmul(pepo.matrix().transpose()))).isLessThan(1e-12);
    assertThat(pepo.apply(x).shape()).containsExactly(2, vectors, 29);
  }

  @Test
  void appliesSiteBySiteLikeItsMatrix() {
    Pepo pepo = random(paddedRing(), 8);
    Tensor x = normal(9, 4, 19);

    Tensor y = PepoContraction.ofVectors(pepo.lattice(), 4).apply(x, pepo.cores());

    assertThat(distance(y, x.matmul(pepo.matrix().transpose()))).isLessThan(1e-12);
  }

  @Test
  void appliesInTheTypeOfTheVectors() {
    Tensor x = normal(7, 3, 24).to(DType.F32);

    assertThat(random(ring(), 6).apply(x).dtype()).isEqualTo(DType.F32);
  }

  @Test
  void refusesCoresOfOtherShapes() {
    List<Tensor> cores = new ArrayList<>(random(ring(), 1).cores());
    cores.set(2, normal(1, 2, 2));

    assertThatThrownBy(() -> new Pepo(ring(), cores))
        .hasMessageContaining("core of site 2 has shape [2, 2]");
  }
}
