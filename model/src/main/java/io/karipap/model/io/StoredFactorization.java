package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.form.BlockShape;
import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.NumberFormat;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.TensorStore;
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
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * How a factorised matrix is stored in a compressed artifact: its form, its integers, and its cores
 * as named tensors. A coded core lies in packed {@code .codes}, {@code .scales} and, where the
 * number format has them, packed {@code .zeros} or {@code .shifts}; the terms of a sum lie under
 * {@code .base} and {@code .correction}, and their integers are named so, too.
 */
public final class StoredFactorization {

  /** What the terms of a sum are called, before their tensors' names and integers' keys. */
  private static final String BASE = "base.";

  private static final String CORRECTION = "correction.";

  private StoredFactorization() {}

  /** Name of a matrix's form in the manifest. */
  public static String form(Factorization factorization) {
    return switch (factorization) {
      case Dense _ -> "dense";
      case LowRank _ -> "lowrank";
      case BlockTensorTrain _ -> "btt";
      case Pepo _ -> "pepo";
      case UnitCell _ -> "cell";
      case Quantized f -> form(f.structure()) + ":" + f.tensors().getFirst().format().label();
      case Sum f -> form(f.base()) + "+" + form(f.correction());
      case Sparse _ -> "sparse";
    };
  }

  /** The manifest's line about a matrix; {@code error} is ||(W-V)X|| / ||WX||. */
  public static MatrixEntry entry(String name, Factorization f, double error) {
    return new MatrixEntry(name, form(f), f.rows(), f.columns(), integers(f), error, stored(f));
  }

  /** Numbers that are stored with a matrix: those that a cell shares count with its first one. */
  private static long stored(Factorization factorization) {
    return switch (factorization) {
      case UnitCell f ->
          StoredCell.tensors("", f).values().stream().mapToLong(Tensor::elements).sum();
      case Sum f -> stored(f.base()) + stored(f.correction());
      case Factorization f -> f.parameters();
    };
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
      case UnitCell f -> StoredCell.integers(f, integers(f.shape().lattice()));
      case Quantized f -> StoredCodes.integers(integers(f.dequantised()), f);
      case Sum f -> {
        Map<String, List<Integer>> both = new TreeMap<>();
        integers(f.base()).forEach((key, values) -> both.put(BASE + key, values));
        integers(f.correction()).forEach((key, values) -> both.put(CORRECTION + key, values));
        yield both;
      }
      case Sparse f -> Map.of("count", List.of(f.values().size(0)));
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
   * otherwise; what a cell shares is {@code NAME.shared.K} of its first matrix alone. Packed
   * numbers are bytes (I8), scales of the type that they are stored in.
   */
  public static SequencedMap<String, Tensor> tensors(String name, Factorization factorization) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    switch (factorization) {
      case Dense f -> tensors.put(name + ".weight", f.matrix());
      case LowRank _, BlockTensorTrain _, Pepo _ -> {
        List<Tensor> cores = factorization.cores();
        for (int i = 0; i < cores.size(); i++) {
          tensors.put(name + ".core." + i, cores.get(i));
        }
      }
      case UnitCell f -> tensors.putAll(StoredCell.tensors(name, f));
      case Quantized f -> {
        for (int i = 0; i < f.tensors().size(); i++) {
          String core = f.structure() instanceof Dense ? ".weight" : ".core." + i;
          tensors.putAll(StoredCodes.tensors(name + core, f.tensors().get(i)));
        }
      }
      case Sum f -> {
        tensors.putAll(tensors(name + ".base", f.base()));
        tensors.putAll(tensors(name + ".correction", f.correction()));
      }
      case Sparse f -> {
        long bytes = f.mask().byteSize();
        tensors.put(name + ".mask", Tensor.copyIn(f.mask(), DType.I8, bytes));
        tensors.put(name + ".values", f.values());
      }
    }
    return tensors;
  }

  /** Bytes of these tensors, numbers that are not coded in float32. */
  public static long bytes(Factorization factorization) {
    try (var _ = new TensorScope()) {
      return tensors("matrix", factorization).entrySet().stream()
          .mapToLong(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32).bytes())
          .sum();
    }
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
      int plus = entry.form().indexOf('+');
      int colon = entry.form().indexOf(':');
      if (plus >= 0) {
        return new Sum(
            read(store, term(entry, entry.form().substring(0, plus), BASE), shared),
            read(store, term(entry, entry.form().substring(plus + 1), CORRECTION), shared));
      }
      if (entry.form().equals("cell")) {
        return StoredCell.read(store, entry, lattice(entry), shared);
      }
      if (colon < 0) {
        return read(
            entry.form(), entry, (core, shape) -> TensorFiles.read(store, core, shape), store);
      }
      StoredCodes codes =
          new StoredCodes(store, entry, NumberFormat.of(entry.form().substring(colon + 1)));
      Factorization structure = read(entry.form().substring(0, colon), entry, codes::read, store);
      return new Quantized(structure, entry.rows(), entry.columns(), codes.all());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CheckpointException(
          "the manifest's shape of " + entry.name() + " does not hold together: " + e.getMessage());
    }
  }

  /** Gives the numbers of a stored core. */
  @FunctionalInterface
  private interface Cores {
    Tensor read(String name, long... shape);
  }

  private static Factorization read(
      String form, MatrixEntry entry, Cores cores, TensorStore store) {
    return switch (form) {
      case "dense" ->
          new Dense(cores.read(entry.name() + ".weight", entry.rows(), entry.columns()));
      case "lowrank" -> {
        int rank = integer(entry, "rank");
        yield new LowRank(
            core(cores, entry, 0, entry.rows(), rank),
            core(cores, entry, 1, rank, entry.columns()));
      }
      case "btt" -> {
        BlockShape shape = blockShape(entry);
        yield new BlockTensorTrain(
            shape, core(cores, entry, 0, shape.left()), core(cores, entry, 1, shape.right()));
      }
      case "pepo" -> pepo(cores, entry);
      case "sparse" -> {
        long bytes = Math.ceilDiv((long) entry.rows() * entry.columns(), 8L);
        yield new Sparse(
            entry.rows(),
            entry.columns(),
            TensorFiles.bytes(store, entry.name() + ".mask", bytes),
            cores.read(entry.name() + ".values", integer(entry, "count")));
      }
      case String other ->
          throw new CheckpointException(
              "matrix "
                  + entry.name()
                  + " has form '"
                  + other
                  + "', which this version cannot read");
    };
  }

  /** A term of a sum as if it were a matrix of its own. */
  private static MatrixEntry term(MatrixEntry sum, String form, String prefix) {
    Map<String, List<Integer>> own = new TreeMap<>();
    sum.shape()
        .forEach((key, values) -> {
          if (key.startsWith(prefix)) {
            own.put(key.substring(prefix.length()), values);
          }
        });
    String name = sum.name() + "." + prefix.substring(0, prefix.length() - 1);
    return new MatrixEntry(name, form, sum.rows(), sum.columns(), own, 0, 0);
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

  private static Pepo pepo(Cores source, MatrixEntry entry) {
    Lattice lattice = lattice(entry);
    List<Tensor> cores = new ArrayList<>();
    for (int site = 0; site < lattice.sites(); site++) {
      cores.add(core(source, entry, site, lattice.shape(site)));
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

  private static Tensor core(Cores cores, MatrixEntry entry, int number, long... shape) {
    return cores.read(entry.name() + ".core." + number, shape);
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
