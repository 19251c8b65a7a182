package io.karipap.network.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.BlockShape;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlockTensorTrainFitTest extends NetworkTest {

  private static final BlockShape SHAPE = new BlockShape(4, 3, 2, 5, 2, 12, 10);

  @Test
  void losesTheDiscardedSingularValuesOfEveryBlockForUncorrelatedInputs() {
    Tensor w = normal(1, 12, 10);
    double lost = 0;
    for (int b = 0; b < 3; b++) {
      for (int c = 0; c < 2; c++) {
        Tensor block = w.reshape(4, 3, 2, 5).select(2, c).select(1, b);
        lost += Arrays.stream(Linalg.singularValues(block).square().toDoubles()).skip(2).sum();
      }
    }
    double expected = lost / w.square().sum().item();

    Fitted fitted = BlockTensorTrainFit.fit(w, Metric.identity(10), SHAPE, FitOptions.standard());

    assertThat(fitted.squaredError()).isCloseTo(expected, within(1e-10));
  }

  @Test
  void findsAnOperatorThatIsABlockTensorTrainInAnyMetric() {
    Tensor w =
        new BlockTensorTrain(SHAPE, normal(1, SHAPE.left()), normal(2, SHAPE.right())).matrix();

    Fitted fitted =
        BlockTensorTrainFit.fit(
            w, Metric.of(covariance(activations(80, 10, 3))), SHAPE, FitOptions.standard());

    assertThat(fitted.squaredError()).isLessThan(1e-12);
  }

  @Test
  void gainsFromTheMetric() {
    BlockShape shape = new BlockShape(4, 3, 2, 5, 2, 11, 9);
    Tensor w = normal(1, 11, 9);
    Metric metric = Metric.of(covariance(activations(80, 9, 3)));

    Fitted blind = BlockTensorTrainFit.fit(w, Metric.identity(9), shape, FitOptions.standard());
    Fitted fitted = BlockTensorTrainFit.fit(w, metric, shape, FitOptions.standard());

    assertThat(fitted.squaredError())
        .isLessThan(0.9 * metric.squaredError(w, blind.factorization().matrix()));
  }

  @Test
  void refusesARankThatABlockDoesNotHave() {
    BlockShape shape = new BlockShape(4, 3, 2, 5, 5, 12, 10);
    assertThatThrownBy(() ->
            BlockTensorTrainFit.fit(
                normal(1, 12, 10), Metric.identity(10), shape, FitOptions.standard()))
        .hasMessageContaining("have no rank 5");
  }
}
