package io.karipap.network;

import io.karipap.checkpoint.form.LowRankForm;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * V = left right.
 *
 * @param left [rows, rank]
 * @param right [rank, columns]
 */
public record LowRank(Tensor left, Tensor right) implements Factorization {

  @Override
  public int rows() {
    return left.size(0);
  }

  @Override
  public int columns() {
    return right.size(1);
  }

  /** Inner dimension of the product. */
  public int rank() {
    return left.size(1);
  }

  @Override
  public LowRankForm form() {
    return new LowRankForm(rows(), columns(), rank());
  }

  @Override
  public List<Tensor> cores() {
    return List.of(left, right);
  }

  @Override
  public LowRank withCores(List<Tensor> cores) {
    return new LowRank(cores.get(0), cores.get(1));
  }

  @Override
  public Tensor matrix() {
    return left.matmul(right);
  }

  /**
   * The same matrix with its singular values in equal parts on both factors. A pair that is optimal
   * in a metric has the metric's condition number, which slows gradient descent down.
   */
  public LowRank balanced() {
    var a = Linalg.qr(left.detach().to(DType.F64));
    var b = Linalg.qr(right.detach().to(DType.F64).transpose());
    var svd = Linalg.svd(a.r().matmul(b.r().transpose()));
    Tensor root = svd.s().sqrt();
    return new LowRank(
        a.q().matmul(svd.u().mul(root)).to(left.dtype()).contiguous(),
        b.q().matmul(svd.vh().transpose().mul(root)).transpose().to(right.dtype()).contiguous());
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor hidden = Functions.linear(x, right.to(x.dtype()), Optional.empty());
    return Functions.linear(hidden, left.to(x.dtype()), Optional.empty());
  }

  @Override
  public long multiplications() {
    return parameters();
  }
}
