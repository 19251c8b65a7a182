package io.karipap.network;

import io.karipap.checkpoint.form.DenseForm;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The matrix itself.
 *
 * @param matrix [rows, columns]
 */
public record Dense(Tensor matrix) implements Factorization {

  @Override
  public int rows() {
    return matrix.size(0);
  }

  @Override
  public int columns() {
    return matrix.size(1);
  }

  @Override
  public DenseForm form() {
    return new DenseForm(rows(), columns());
  }

  @Override
  public List<Tensor> cores() {
    return List.of(matrix);
  }

  @Override
  public Dense withCores(List<Tensor> cores) {
    return new Dense(cores.getFirst());
  }

  @Override
  public Tensor apply(Tensor x) {
    return Functions.linear(x, matrix.to(x.dtype()), Optional.empty());
  }

  @Override
  public long multiplications() {
    return matrix.elements();
  }
}
