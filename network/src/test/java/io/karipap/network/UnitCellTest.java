package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.network.lattice.BondGauge;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cells against plain products of matrices and against ordinary networks. */
public class UnitCellTest extends NetworkTest {

  private static UnitCell random(CellShape shape, long seed) {
    List<Tensor> cores = new ArrayList<>();
    for (long[] size : shape.shapes()) {
      cores.add(normal(seed + cores.size(), size));
    }
    return new UnitCell(shape, 0, cores);
  }

  private static Tensor product(UnitCell pair) {
    Tensor left = pair.cores().get(0).reshape(pair.rows(), -1);
    Tensor right = pair.cores().get(1).reshape(pair.columns(), -1).transpose();
    return switch (pair.shape().bondMatrices().getFirst()) {
      case NONE -> left.matmul(right);
      case DIAGONAL -> left.mul(pair.cores().get(2)).matmul(right);
      case FULL -> left.matmul(pair.cores().get(2)).matmul(right);
    };
  }

  @ParameterizedTest
  @EnumSource(BondMatrix.class)
  void aPairIsTheProductOfItsFactors(BondMatrix bond) {
    UnitCell pair = random(CellShape.pair(7, 5, 3, true, true, bond), 1);
    Tensor x = normal(9, 2, 4, 5);

    assertThat(distance(pair.matrix(), product(pair))).isLessThan(1e-14);
    assertThat(pair.apply(x).shape()).containsExactly(2, 4, 7);
    assertThat(distance(pair.apply(x), x.matmul(product(pair).transpose()))).isLessThan(1e-14);
  }

  @ParameterizedTest
  @EnumSource(BondMatrix.class)
  void aPairMultipliesEveryParameterOnce(BondMatrix bond) {
    UnitCell pair = random(CellShape.pair(7, 5, 3, true, false, bond), 1);
    long lambda =
        switch (bond) {
          case NONE -> 0;
          case DIAGONAL -> 3;
          case FULL -> 9;
        };

    assertThat(pair.parameters()).isEqualTo(7 * 3 + 5 * 3 + lambda);
    assertThat(pair.multiplications()).isEqualTo(pair.parameters());
  }

  @Test
  void bondMatricesAreGaugesOfOneSide() {
    Pepo pepo = NetworkTest.random(paddedRing(), 1);
    CellShape shape = CellShape.translationInvariant(paddedRing());
    List<Tensor> cores = new ArrayList<>(pepo.cores());
    Pepo expected = pepo;
    for (int bond = 0; bond < 4; bond++) {
      int d = paddedRing().bondDimensions().get(bond);
      Tensor lambda = normal(20 + bond, d, d);
      cores.add(lambda);
      // the gauge move also puts the inverse on the other side: take that back
      BondGauge gauge = BondGauge.of(paddedRing(), bond);
      List<Tensor> moved = new ArrayList<>(gauge.insert(expected, lambda).cores());
      moved.set(gauge.ends().second(), expected.cores().get(gauge.ends().second()));
      expected = expected.withCores(moved);
    }
    UnitCell cell = new UnitCell(shape, 0, cores);
    Tensor x = normal(3, 5, 19);

    assertThat(distance(cell.matrix(), expected.matrix())).isLessThan(1e-12);
    assertThat(distance(cell.apply(x), x.matmul(expected.matrix().transpose()))).isLessThan(1e-12);
    assertThat(cell.shared()).containsExactlyElementsOf(pepo.cores());
    assertThat(cell.own()).hasSize(4);
  }

  @Test
  void sharedTensorsAreCountedOnce() {
    assertThat(CellShape.pair(7, 5, 3, true, true, BondMatrix.FULL).parameters(4))
        .isEqualTo(7 * 3 + 5 * 3 + 4 * 9);
    assertThat(CellShape.pair(7, 5, 3, true, false, BondMatrix.NONE).parameters(4))
        .isEqualTo(7 * 3 + 4 * 5 * 3);
    assertThat(CellShape.pair(7, 5, 3, false, true, BondMatrix.NONE).parameters(4))
        .isEqualTo(4 * 7 * 3 + 5 * 3);
    assertThat(CellShape.translationInvariant(ring()).parameters(2))
        .isEqualTo(ring().parameters() + 2 * (9 + 4 + 4 + 9));
  }

  @Test
  void theGradientOfASharedTensorIsTheSumOverTheMembers() {
    CellShape shape = CellShape.pair(4, 3, 2, true, true, BondMatrix.FULL);
    Tensor left = normal(1, 4, 1, 2);
    Tensor right = normal(2, 1, 3, 2);
    Tensor a = normal(3, 2, 2);
    Tensor b = normal(4, 2, 2);
    Tensor leaf = left.leaf();
    Tensor x = normal(5, 6, 3);
    Tensor both =
        new UnitCell(shape, 0, List.of(leaf, right, a))
            .apply(x)
            .sum()
            .add(new UnitCell(shape, 1, List.of(leaf, right, b)).apply(x).square().sum());

    Tensor first = left.leaf();
    Tensor second = left.leaf();
    Tensor one = new UnitCell(shape, 0, List.of(first, right, a)).apply(x).sum();
    Tensor two = new UnitCell(shape, 1, List.of(second, right, b)).apply(x).square().sum();
    Tensor expected =
        Autograd.gradients(one, List.of(first))
            .getFirst()
            .add(Autograd.gradients(two, List.of(second)).getFirst());

    assertThat(distance(Autograd.gradients(both, List.of(leaf)).getFirst(), expected))
        .isLessThan(1e-13);
  }

  @Test
  void mappingKeepsSharedTensorsShared() {
    CellShape shape = CellShape.pair(4, 3, 2, true, true, BondMatrix.FULL);
    Tensor left = normal(1, 4, 1, 2);
    Tensor right = normal(2, 1, 3, 2);
    UnitCell a = new UnitCell(shape, 0, List.of(left, right, normal(3, 2, 2)));
    UnitCell b = new UnitCell(shape, 1, List.of(left, right, normal(4, 2, 2)));
    var doubled = SharedTensors.once(t -> t.mul(2));

    Factorization first = a.map(doubled);
    Factorization second = b.map(doubled);

    assertThat(first.cores().get(0)).isSameAs(second.cores().get(0)).isNotSameAs(left);
    assertThat(first.cores().get(1)).isSameAs(second.cores().get(1));
    assertThat(first.cores().get(2)).isNotSameAs(second.cores().get(2));
    assertThat(distance(second.matrix(), b.matrix().mul(8))).isLessThan(1e-14);
    assertThat(
            SharedTensors.distinct(
                List.of(first, second).stream().flatMap(f -> f.cores().stream())))
        .hasSize(4);
  }

  @Test
  void refusesTensorsAndFlagsThatDoNotFit() {
    CellShape shape = CellShape.pair(4, 3, 2, true, true, BondMatrix.FULL);
    List<Tensor> right = List.of(normal(1, 4, 1, 2), normal(2, 1, 3, 2), normal(3, 2, 2));
    List<Tensor> wrong = List.of(normal(1, 4, 1, 2), normal(2, 1, 3, 2), normal(3, 3, 2));
    assertThatThrownBy(() -> new UnitCell(shape, 0, wrong)).hasMessageContaining("tensor 2");
    assertThatThrownBy(() -> new UnitCell(shape, -1, right)).hasMessageContaining("-1");
    assertThatThrownBy(() -> new UnitCell(shape, 0, right.subList(0, 2)))
        .hasMessageContaining("3 tensors cannot take 2");
    assertThatThrownBy(() -> new CellShape(ring(), List.of(true), List.of()))
        .hasMessageContaining("4 sites");
    assertThat(new UnitCell(shape, 0, right).columns()).isEqualTo(3);
  }
}
