package io.karipap.model;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.MatrixEntry;
import io.karipap.checkpoint.TensorStore;
import io.karipap.network.BlockShape;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Cell;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Lattice;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How a factorised matrix is stored in a compressed artifact: its form, its integers, and its cores
 * as named tensors.
 */
public final class StoredFactorization {

  private StoredFactorization() {}

  /** Name of a matrix's form in the manifest. */
  public static String form(Factorization factorization) {
    return switch (factorization) {
      case Dense _ -> "dense";
      case LowRank _ -> "lowrank";
      case BlockTensorTrain _ -> "btt";
      case Pepo _ -> "pepo";
      case Cell _ -> "cell";
    };
  }

  /** The manifest's line about a matrix; {@code error} is ||(W-V)X|| / ||WX||. */
  public static MatrixEntry entry(String name, Factorization f, double error) {
    long stored = tensors(name, f).values().stream().mapToLong(Tensor::elements).sum();
    return new MatrixEntry(name, form(f), f.rows(), f.columns(), integers(f), error, stored);
  }

  private static Map<String, List<Integer>> integers(Factorization factorization) {
    return switch (factorization) {
      case Dense _ -> Map.of();
      case LowRank f -> Map.of("rank", List.of(f.left().size(1)));
      case BlockTensorTrain f ->
          Map.of(
              "outputs", List.of(f.shape().outerOutputs(), f.shape().innerOutputs()),
              "inputs", List.of(f.shape().outerInputs(), f.shape().innerInputs()),
              "rank", List.of(f.shape().rank()));
      case Pepo f -> integers(f.lattice());
      case Cell f -> StoredCell.integers(f, integers(f.shape().lattice()));
    };
  }

  private static Map<String, List<Integer>> integers(Lattice lattice) {
    return Map.of(
        "grid", List.of(lattice.rows(), lattice.columns()),
        "outputs", lattice.outputs(),
        "inputs", lattice.inputs(),
        "horizontal_bonds", lattice.horizontalBonds(),
        "vertical_bonds", lattice.verticalBonds());
  }

  /**
   * The stored tensors of a matrix by name: {@code NAME.weight} if dense, {@code NAME.core.K}
   * otherwise; what a cell shares is {@code NAME.shared.K} of its first matrix alone.
   */
  public static SequencedMap<String, Tensor> tensors(String name, Factorization factorization) {
    if (factorization instanceof Cell cell) {
      return StoredCell.tensors(name, cell);
    }
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    List<Tensor> cores = factorization.cores();
    for (int i = 0; i < cores.size(); i++) {
      String suffix = factorization instanceof Dense ? ".weight" : ".core." + i;
      tensors.put(name + suffix, cores.get(i));
    }
    return tensors;
  }

  /**
   * Reads a matrix back.
   *
   * @throws CheckpointException if the manifest's integers, or the tensors, do not fit together
   */
  public static Factorization read(TensorStore store, MatrixEntry entry) {
    return read(store, entry, new HashMap<>());
  }

  /**
   * Reads a matrix that may share tensors with others.
   *
   * @param shared tensors that were read with other matrices, by their stored names; grows
   * @throws CheckpointException if the manifest's integers, or the tensors, do not fit together
   */
  public static Factorization read(
      TensorStore store, MatrixEntry entry, Map<String, Tensor> shared) {
    try {
      return switch (entry.form()) {
        case "dense" ->
            new Dense(
                TensorFiles.read(store, entry.name() + ".weight", entry.rows(), entry.columns()));
        case "lowrank" -> {
          int rank = integer(entry, "rank");
          yield new LowRank(
              core(store, entry, 0, entry.rows(), rank),
              core(store, entry, 1, rank, entry.columns()));
        }
        case "btt" -> {
          BlockShape shape = blockShape(entry);
          yield new BlockTensorTrain(
              shape, core(store, entry, 0, shape.left()), core(store, entry, 1, shape.right()));
        }
        case "pepo" -> pepo(store, entry);
        case "cell" -> StoredCell.read(store, entry, lattice(entry), shared);
        case String other ->
            throw new CheckpointException(
                "matrix "
                    + entry.name()
                    + " has form '"
                    + other
                    + "', which this version cannot read");
      };
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CheckpointException(
          "the manifest's shape of " + entry.name() + " does not hold together: " + e.getMessage());
    }
  }

  private static BlockShape blockShape(MatrixEntry entry) {
    List<Integer> outputs = integers(entry, "outputs", 2);
    List<Integer> inputs = integers(entry, "inputs", 2);
    requireLittlePadding(entry, outputs, inputs);
    return new BlockShape(
        outputs.get(0),
        outputs.get(1),
        inputs.get(0),
        inputs.get(1),
        integer(entry, "rank"),
        entry.rows(),
        entry.columns());
  }

  private static Pepo pepo(TensorStore store, MatrixEntry entry) {
    Lattice lattice = lattice(entry);
    List<Tensor> cores = new ArrayList<>();
    for (int site = 0; site < lattice.sites(); site++) {
      cores.add(core(store, entry, site, lattice.shape(site)));
    }
    return new Pepo(lattice, cores);
  }

  private static Lattice lattice(MatrixEntry entry) {
    List<Integer> grid = integers(entry, "grid", 2);
    int rows = grid.get(0);
    int columns = grid.get(1);
    int sites = Math.multiplyExact(rows, columns);
    List<Integer> outputs = integers(entry, "outputs", sites);
    List<Integer> inputs = integers(entry, "inputs", sites);
    requireLittlePadding(entry, outputs, inputs);
    return new Lattice(
        rows,
        columns,
        outputs,
        inputs,
        integers(entry, "horizontal_bonds", rows * (columns - 1)),
        integers(entry, "vertical_bonds", (rows - 1) * columns),
        entry.rows(),
        entry.columns());
  }

  /**
   * A file must not ask for a matrix that memory cannot hold: fits pad by a few rows and columns.
   */
  private static void requireLittlePadding(
      MatrixEntry entry, List<Integer> outputs, List<Integer> inputs) {
    if (product(outputs) > 2L * entry.rows() + 16 || product(inputs) > 2L * entry.columns() + 16) {
      throw new IllegalArgumentException(
          "outputs %s and inputs %s are mostly padding for %d x %d"
              .formatted(outputs, inputs, entry.rows(), entry.columns()));
    }
  }

  private static long product(List<Integer> sizes) {
    return sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  private static Tensor core(TensorStore store, MatrixEntry entry, int number, long... shape) {
    return TensorFiles.read(store, entry.name() + ".core." + number, shape);
  }

  static int integer(MatrixEntry entry, String key) {
    return integers(entry, key, 1).getFirst();
  }

  static List<Integer> integers(MatrixEntry entry, String key, int count) {
    List<Integer> values = entry.shape().getOrDefault(key, List.of());
    if (values.size() != count) {
      throw new IllegalArgumentException(
          "'" + key + "' needs " + count + " integers, but has " + values);
    }
    return values;
  }
}
