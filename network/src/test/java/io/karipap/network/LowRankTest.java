package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LowRankTest extends NetworkTest {

  @Test
  void balancingKeepsTheMatrixAndGivesBothFactorsTheRootsOfItsSingularValues() {
    // scaled as differently as the optimum of an ill-conditioned metric is
    Tensor scale = Tensor.of(new double[] {1e4, 1, 1e-3, 10}, 4);
    LowRank pair = new LowRank(normal(1, 9, 4).mul(scale), normal(2, 4, 7));

    LowRank balanced = pair.balanced();

    double size = pair.matrix().norm().item();
    assertThat(distance(balanced.matrix(), pair.matrix())).isLessThan(1e-12 * size);
    double[] s = Linalg.singularValues(pair.matrix()).toDoubles();
    double[] left = Linalg.singularValues(balanced.left()).toDoubles();
    double[] right = Linalg.singularValues(balanced.right()).toDoubles();
    for (int i = 0; i < 4; i++) {
      assertThat(left[i]).isCloseTo(Math.sqrt(s[i]), within(1e-9 * Math.sqrt(s[0])));
      assertThat(right[i]).isCloseTo(Math.sqrt(s[i]), within(1e-9 * Math.sqrt(s[0])));
    }
  }
}
