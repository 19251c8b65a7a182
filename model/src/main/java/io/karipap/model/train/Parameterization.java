package io.karipap.model.train;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A model as a function of trained variables, in a list: first the variables of the matrices, then
 * the vectors. A tensor that several matrices share is one variable.
 */
public final class Parameterization {

  private final Map<String, MatrixTraining> matrices;
  private final Map<String, Tensor> vectors;
  private final boolean vectorsTrained;
  private final IdentityHashMap<Tensor, Integer> places = new IdentityHashMap<>();
  private final List<Tensor> start = new ArrayList<>();
  private final int ofMatrices;

  /**
   * A model from the training of each matrix.
   *
   * @param vectorsTrained whether norm gains and biases are trained
   */
  public Parameterization(
      Map<String, ? extends MatrixTraining> matrices,
      Map<String, Tensor> vectors,
      boolean vectorsTrained) {
    this.matrices = new LinkedHashMap<>(matrices);
    this.vectors = new LinkedHashMap<>(vectors);
    this.vectorsTrained = vectorsTrained;
    this.matrices.values().forEach(matrix -> matrix.start().forEach(this::add));
    ofMatrices = start.size();
    if (vectorsTrained) {
      vectors.values().forEach(this::add);
    }
  }

  private void add(Tensor tensor) {
    if (places.putIfAbsent(tensor, start.size()) == null) {
      start.add(tensor);
    }
  }

  /** All stored numbers except codes: the tensors that {@link Weights#tensors} lists. */
  public static Parameterization cores(Weights weights) {
    return of(weights, MatrixTraining.Cores::new, true);
  }

  /**
   * All numbers; codes by the latent numbers behind them, but of integers that are paths through a
   * trellis the scales alone. Must be called inside a tensor scope that stays open.
   */
  public static Parameterization all(Weights weights) {
    return of(weights, Parameterization::all, true);
  }

  private static MatrixTraining all(Factorization matrix) {
    return switch (matrix) {
      case Quantized codes when codes.areIndependent() -> MatrixTraining.ThroughRounding.of(codes);
      // a number that leaves its path moves others: trained so, models got worse than by scales
      case Quantized paths -> MatrixTraining.Scales.of(paths);
      case Sum sum -> new MatrixTraining.Terms(all(sum.base()), all(sum.correction()));
      case Dense _, LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Sparse _ ->
          new MatrixTraining.Cores(matrix);
    };
  }

  /**
   * Scales and shifts of quantized cores alone (PEQA, Kim et al. 2023). Must be called inside a
   * tensor scope that stays open.
   */
  public static Parameterization scales(Weights weights) {
    return of(weights, Parameterization::scales, false);
  }

  private static MatrixTraining scales(Factorization matrix) {
    return switch (matrix) {
      case Quantized codes -> MatrixTraining.Scales.of(codes);
      case Sum sum -> new MatrixTraining.Terms(scales(sum.base()), scales(sum.correction()));
      case Dense _, LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Sparse _ ->
          new MatrixTraining.Fixed(matrix);
    };
  }

  /** The form of an update of a matrix. */
  public enum Update {
    /** A low-rank matrix (LoRA, Hu et al. 2021). */
    LOW_RANK,
    /** A tensor train (TT-LoRA, Anjum et al. 2024). */
    TENSOR_TRAIN
  }

  /**
   * Updates of the matrices in blocks, zero at the start, while the model itself is constant. Of a
   * sum its correction is trained, and no update is added. Must be called inside a tensor scope
   * that stays open.
   *
   * @param architecture of the model
   * @param rank of the updates
   * @param seed of their random numbers
   * @throws IllegalArgumentException if a matrix shares tensors with others
   */
  public static Parameterization adapters(
      Architecture architecture, Weights weights, Update update, int rank, long seed) {
    RandomTensors random = new RandomTensors(seed);
    Set<String> inBlocks =
        architecture.matrices().stream()
            .filter(MatrixSpec::inBlock)
            .map(MatrixSpec::name)
            .collect(Collectors.toSet());
    Map<String, MatrixTraining> matrices = new LinkedHashMap<>();
    weights
        .matrices()
        .forEach((name, f) ->
            matrices.put(
                name,
                inBlocks.contains(name)
                    ? adapter(f, update, rank, random)
                    : new MatrixTraining.Fixed(f)));
    return new Parameterization(matrices, weights.vectors(), false);
  }

  private static MatrixTraining adapter(
      Factorization matrix, Update update, int rank, RandomTensors random) {
    return switch (matrix) {
      case Sum sum ->
          new MatrixTraining.Terms(
              new MatrixTraining.Fixed(sum.base()), new MatrixTraining.Cores(sum.correction()));
      case UnitCell _ ->
          throw new IllegalArgumentException(
              "adapters cannot be added to what blocks share: train all of a model with cells");
      case Dense _, LowRank _, BlockTensorTrain _, Pepo _, Quantized _, Sparse _ ->
          switch (update) {
            case LOW_RANK -> Adapter.lora(matrix, rank, random);
            case TENSOR_TRAIN -> Adapter.tensorTrain(matrix, rank, random);
          };
    };
  }

  private static Parameterization of(
      Weights weights, Function<Factorization, MatrixTraining> training, boolean vectorsTrained) {
    Map<String, MatrixTraining> matrices = new LinkedHashMap<>();
    weights.matrices().forEach((name, f) -> matrices.put(name, training.apply(f)));
    return new Parameterization(matrices, weights.vectors(), vectorsTrained);
  }

  /** Values of all variables to start from. */
  public List<Tensor> start() {
    return List.copyOf(start);
  }

  /** How many of the variables, the first ones, belong to matrices. */
  public int ofMatrices() {
    return ofMatrices;
  }

  /** The model that variables make, differentiable by them. */
  public Weights applied(List<Tensor> variables) {
    return made(variables, MatrixTraining::applied);
  }

  /** The model as it is stored. */
  public Weights stored(List<Tensor> variables) {
    return made(variables, MatrixTraining::stored);
  }

  private interface Making {
    Factorization make(MatrixTraining matrix, List<Tensor> variables);
  }

  private Weights made(List<Tensor> variables, Making making) {
    Map<String, Factorization> made = new LinkedHashMap<>();
    matrices.forEach((name, matrix) -> {
      List<Tensor> own = matrix.start().stream().map(t -> variables.get(place(t))).toList();
      made.put(name, making.make(matrix, own));
    });
    Map<String, Tensor> madeVectors = new LinkedHashMap<>();
    vectors.forEach(
        (name, v) -> madeVectors.put(name, vectorsTrained ? variables.get(place(v)) : v));
    return new Weights(made, madeVectors);
  }

  private int place(Tensor tensor) {
    return java.util.Objects.requireNonNull(places.get(tensor));
  }
}
