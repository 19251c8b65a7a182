package io.karipap.model.train;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A constant matrix and a trained update, which is zero at the start: V + s U.
 *
 * @param base V
 * @param plain V in floating point, without codes
 * @param update U, whose first core is zero at the start
 * @param scale s
 */
record Adapter(Factorization base, Factorization plain, Factorization update, double scale)
    implements MatrixTraining {

  /** Factor on an update: alpha / r of LoRA with alpha = 2 r. */
  private static final double UPDATE_SCALE = 2;

  /**
   * A low-rank update s B A, B [rows, rank] zero and A [rank, columns] normal (LoRA, Hu et al.
   * 2021, section 4.1). Must be called inside a tensor scope.
   */
  static Adapter lora(Factorization base, int rank, RandomTensors random) {
    Tensor b = Tensor.zeros(DType.F32, base.rows(), rank);
    Tensor a = random.normal(DType.F32, rank, base.columns()).mul(1 / Math.sqrt(base.columns()));
    return of(base, new LowRank(b, a));
  }

  /**
   * An update that is a tensor train over two factors of the rows and two of the columns, all bonds
   * of one dimension (TT-LoRA, Anjum et al. 2024): {@code (o1 + i2) r + (o2 + i1) r^2} numbers.
   * Must be called inside a tensor scope.
   */
  static Adapter tensorTrain(Factorization base, int rank, RandomTensors random) {
    List<Integer> rows = factors(base.rows());
    List<Integer> columns = factors(base.columns());
    Lattice lattice =
        new Lattice(
            1,
            4,
            List.of(rows.get(0), rows.get(1), 1, 1),
            List.of(1, 1, columns.get(0), columns.get(1)),
            List.of(rank, rank, rank),
            List.of(),
            base.rows(),
            base.columns());
    List<Tensor> cores = new ArrayList<>();
    cores.add(Tensor.zeros(DType.F32, lattice.shape(0)));
    for (int site = 1; site < lattice.sites(); site++) {
      // so that a sum over a bond has the size of its terms
      double size = site == 3 ? Math.sqrt(1.0 / base.columns()) : Math.sqrt(1.0 / rank);
      cores.add(random.normal(DType.F32, lattice.shape(site)).mul(size));
    }
    return of(base, new Pepo(lattice, cores));
  }

  private static Adapter of(Factorization base, Factorization update) {
    Factorization plain =
        switch (base) {
          case Quantized codes -> codes.dequantized();
          case Dense _, LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Sum _, Sparse _ -> base;
        };
    return new Adapter(base, plain, update, UPDATE_SCALE);
  }

  /** The two factors nearest to each other; of a slightly larger number where there are none. */
  static List<Integer> factors(int dimension) {
    int root = (int) Math.ceil(Math.sqrt(dimension));
    for (int large = root; large <= 2 * root; large++) {
      if (dimension % large == 0) {
        return List.of(large, dimension / large);
      }
    }
    return List.of(root, Math.ceilDiv(dimension, root));
  }

  @Override
  public List<Tensor> start() {
    return update.cores();
  }

  @Override
  public Sum applied(List<Tensor> variables) {
    return new Sum(plain, scaled(variables));
  }

  /** A sum; a single matrix or low-rank pair where the update can be added to one. */
  @Override
  public Factorization stored(List<Tensor> variables) {
    Factorization scaled = scaled(variables);
    return switch (base) {
      case Dense(Tensor matrix) -> new Dense(matrix.add(scaled.matrix().detach()));
      case LowRank one when scaled instanceof LowRank two ->
          new LowRank(
              Tensor.concatenate(List.of(one.left(), two.left()), 1),
              Tensor.concatenate(List.of(one.right(), two.right()), 0));
      case LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sum _, Sparse _ ->
          new Sum(base, scaled);
    };
  }

  private Factorization scaled(List<Tensor> variables) {
    List<Tensor> cores = new ArrayList<>(variables);
    cores.set(0, cores.getFirst().mul(scale));
    return update.withCores(cores);
  }
}
