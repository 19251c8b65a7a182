package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.BlockShape;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;

class BlockTensorTrainTest extends NetworkTest {

  private static final BlockShape SHAPE = new BlockShape(3, 4, 2, 5, 2, 11, 9);

  private static BlockTensorTrain random() {
    return new BlockTensorTrain(SHAPE, normal(1, SHAPE.left()), normal(2, SHAPE.right()));
  }

  @Test
  void sumsProductsOfItsBlocks() {
    BlockTensorTrain train = random();
    double[] matrix = train.matrix().toDoubles();
    double[] l = train.left().toDoubles();
    double[] r = train.right().toDoubles();
    for (int row = 0; row < 11; row++) {
      for (int column = 0; column < 9; column++) {
        int a = row / 4;
        int b = row % 4;
        int c = column / 5;
        int d = column % 5;
        double sum = 0;
        for (int s = 0; s < 2; s++) {
          sum += l[(b * 3 + a) * 4 + c * 2 + s] * r[(c * 8 + b * 2 + s) * 5 + d];
        }
        assertThat(matrix[row * 9 + column]).isCloseTo(sum, within(1e-13));
      }
    }
  }

  @Test
  void appliesLikeItsMatrix() {
    BlockTensorTrain train = random();
    Tensor x = normal(3, 2, 6, 9);

    assertThat(distance(train.apply(x), x.matmul(train.matrix().transpose()))).isLessThan(1e-13);
    assertThat(train.apply(x).shape()).containsExactly(2, 6, 11);
  }

  @Test
  void multipliesEveryParameterOnce() {
    assertThat(random().multiplications()).isEqualTo(SHAPE.parameters());
    assertThat(random().parameters()).isEqualTo(2 * 4 * 2 * (3 + 5));
  }

  @Test
  void refusesCoresOfOtherShapes() {
    assertThatThrownBy(() -> new BlockTensorTrain(SHAPE, normal(1, 2, 2), normal(2, 2, 2)))
        .hasMessageContaining("left core");
    assertThatThrownBy(() -> new BlockShape(2, 2, 2, 2, 1, 5, 4))
        .hasMessageContaining("cannot hold a 5 x 4 matrix");
  }
}
