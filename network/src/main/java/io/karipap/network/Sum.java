package io.karipap.network;

import io.karipap.checkpoint.form.SumForm;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/**
 * V = base + correction, for instance a quantized matrix and a low-rank matrix that compensates the
 * rounding error.
 *
 * @param base [rows, columns]
 * @param correction of the same size
 */
public record Sum(Factorization base, Factorization correction) implements Factorization {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if they differ
   */
  public Sum {
    if (base.rows() != correction.rows() || base.columns() != correction.columns()) {
      throw new IllegalArgumentException(
          "a %d x %d matrix cannot be added to a %d x %d one"
              .formatted(correction.rows(), correction.columns(), base.rows(), base.columns()));
    }
  }

  @Override
  public int rows() {
    return base.rows();
  }

  @Override
  public int columns() {
    return base.columns();
  }

  @Override
  public SumForm form() {
    return new SumForm(base.form(), correction.form());
  }

  @Override
  public List<Tensor> cores() {
    return Stream.concat(base.cores().stream(), correction.cores().stream()).toList();
  }

  @Override
  public Sum withCores(List<Tensor> cores) {
    int split = base.cores().size();
    return new Sum(
        base.withCores(cores.subList(0, split)),
        correction.withCores(cores.subList(split, cores.size())));
  }

  @Override
  public List<Factorization> terms() {
    return Stream.concat(base.terms().stream(), correction.terms().stream()).toList();
  }

  @Override
  public List<CodedTensor> codes() {
    return Stream.concat(base.codes().stream(), correction.codes().stream()).toList();
  }

  @Override
  public Tensor matrix() {
    return base.matrix().add(correction.matrix());
  }

  @Override
  public Tensor apply(Tensor x) {
    return base.apply(x).add(correction.apply(x));
  }

  @Override
  public long multiplications() {
    return base.multiplications() + correction.multiplications();
  }

  @Override
  public long parameters() {
    return base.parameters() + correction.parameters();
  }
}
