package io.karipap.network;

import io.karipap.checkpoint.form.BlockShape;
import io.karipap.checkpoint.form.BlockTensorTrainForm;
import io.karipap.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A block tensor train of two factors (Qiu et al., "Compute better spent", ICML 2024, eq. 2; with
 * rank 1 the Monarch matrix of Dao et al. 2022): {@code V[(a b), (c d)] = sum_s L[b, a, (c s)] R[c,
 * (b s), d]}. Every parameter is multiplied once per token.
 *
 * @param shape all dimensions
 * @param left L [m2, m1, n1 r]
 * @param right R [n1, m2 r, n2]
 */
public record BlockTensorTrain(BlockShape shape, Tensor left, Tensor right)
    implements Factorization {

  /**
   * Checks the cores against the shape.
   *
   * @throws IllegalArgumentException naming the core that does not fit
   */
  public BlockTensorTrain {
    require("left", left, shape.left());
    require("right", right, shape.right());
  }

  private static void require(String name, Tensor core, long... shape) {
    if (!Arrays.equals(core.shape(), shape)) {
      throw new IllegalArgumentException(
          "%s core of a block tensor train has shape %s, needed is %s"
              .formatted(name, Arrays.toString(core.shape()), Arrays.toString(shape)));
    }
  }

  @Override
  public int rows() {
    return shape.matrixRows();
  }

  @Override
  public int columns() {
    return shape.matrixColumns();
  }

  @Override
  public BlockTensorTrainForm form() {
    return new BlockTensorTrainForm(shape);
  }

  @Override
  public List<Tensor> cores() {
    return List.of(left, right);
  }

  @Override
  public BlockTensorTrain withCores(List<Tensor> cores) {
    return new BlockTensorTrain(shape, cores.get(0), cores.get(1));
  }

  @Override
  public Tensor matrix() {
    int m2 = shape.innerOutputs();
    int n1 = shape.outerInputs();
    int r = shape.rank();
    Tensor l = left.reshape(m2, shape.outerOutputs(), n1, r);
    Tensor r4 = right.reshape(n1, m2, r, shape.innerInputs());
    return Tensor.einsum("bacs,cbsd->abcd", l, r4)
        .reshape((long) shape.outerOutputs() * m2, (long) n1 * shape.innerInputs())
        .narrow(0, 0, rows())
        .narrow(1, 0, columns());
  }

  @Override
  public Tensor apply(Tensor x) {
    long tokens = x.elements() / columns();
    int m2 = shape.innerOutputs();
    int n1 = shape.outerInputs();
    Tensor blocks =
        x.reshape(tokens, columns())
            .padTo(tokens, (long) n1 * shape.innerInputs())
            .reshape(tokens, n1, shape.innerInputs())
            .transpose(0, 1); // [n1, tokens, n2]
    Tensor hidden =
        blocks
            .matmul(right.to(x.dtype()).transpose()) // [n1, tokens, m2 r]
            .reshape(n1, tokens, m2, shape.rank())
            .permute(2, 1, 0, 3)
            .reshape(m2, tokens, (long) n1 * shape.rank());
    long[] result = x.shape();
    result[result.length - 1] = rows();
    return hidden
        .matmul(left.to(x.dtype()).transpose()) // [m2, tokens, m1]
        .permute(1, 2, 0)
        .reshape(tokens, (long) shape.outerOutputs() * m2)
        .narrow(1, 0, rows())
        .reshape(result);
  }

  @Override
  public long multiplications() {
    return parameters();
  }
}
