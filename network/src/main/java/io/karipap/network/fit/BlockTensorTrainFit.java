package io.karipap.network.fit;

import io.karipap.checkpoint.form.BlockShape;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * Fits a block tensor train by L-BFGS, from the optimum for uncorrelated inputs: there every block
 * W[:, b, c, :] is on its own and its best pair of factors is a truncated singular value
 * decomposition (Dao et al., "Monarch", 2022, for rank 1).
 */
public final class BlockTensorTrainFit {

  private BlockTensorTrainFit() {}

  /**
   * The fit.
   *
   * @param w [m, n]
   * @throws IllegalArgumentException if the sizes do not fit, or the rank exceeds that of a block,
   *     min(m1, n2)
   */
  public static Fitted fit(Tensor w, Metric metric, BlockShape shape, FitOptions options) {
    ShapeChecks.require(w, metric, shape.matrixRows(), shape.matrixColumns());
    if (shape.rank() > Math.min(shape.outerOutputs(), shape.innerInputs())) {
      throw new IllegalArgumentException(
          "blocks of %d x %d have no rank %d"
              .formatted(shape.outerOutputs(), shape.innerInputs(), shape.rank()));
    }
    BlockTensorTrain start = start(w.detach().to(DType.F64), metric, shape);
    MetricLoss loss = new MetricLoss(w, metric, options.precision());
    Lbfgs.Minimum minimum =
        LbfgsDefaults.lbfgs(options)
            .minimise(
                x -> {
                  Tensor variables = x.leaf();
                  return loss.evaluate(
                      unpack(start, variables.to(options.precision())).matrix(), variables);
                },
                Tensor.concatenate(
                    List.of(start.left().reshape(-1), start.right().reshape(-1)), 0));
    BlockTensorTrain fitted = unpack(start, minimum.x());
    return new Fitted(fitted, metric.squaredError(w, fitted.matrix()), minimum.iterations());
  }

  private static BlockTensorTrain unpack(BlockTensorTrain like, Tensor x) {
    long count = like.left().elements();
    return like.withCores(
        List.of(
            x.narrow(0, 0, count).reshape(like.shape().left()),
            x.narrow(0, count, x.elements() - count).reshape(like.shape().right())));
  }

  /** Block by block, with every input weighted by its own standard deviation. */
  private static BlockTensorTrain start(Tensor w, Metric metric, BlockShape shape) {
    long m2 = shape.innerOutputs();
    long n1 = shape.outerInputs();
    long n = n1 * shape.innerInputs();
    Tensor variance = metric.covariance().diagonal();
    // an input that hardly ever occurs still needs a weight to be divided by
    Tensor deviation = variance.clampMin(1e-6 * variance.max().item()).sqrt();
    Tensor weight = deviation.reshape(1, -1).padTo(1, n).clampMin(deviation.max().item() * 1e-3);
    Tensor blocks =
        w.padTo(shape.outerOutputs() * m2, n)
            .mul(weight)
            .reshape(shape.outerOutputs(), m2, n1, shape.innerInputs())
            .permute(1, 2, 0, 3); // [b, c, a, d]
    var svd = Linalg.svd(blocks);
    Tensor root = svd.s().narrow(-1, 0, shape.rank()).sqrt(); // [b, c, s]
    Tensor left = svd.u().narrow(-1, 0, shape.rank()).mul(root.unsqueeze(-2)); // [b, c, a, s]
    Tensor right =
        svd.vh()
            .narrow(-2, 0, shape.rank())
            .mul(root.unsqueeze(-1)) // [b, c, s, d]
            .div(weight.reshape(1, n1, 1, shape.innerInputs()));
    return new BlockTensorTrain(
        shape,
        left.permute(0, 2, 1, 3).reshape(shape.left()),
        right.permute(1, 0, 2, 3).reshape(shape.right()));
  }
}
