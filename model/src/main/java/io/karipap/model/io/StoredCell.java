package io.karipap.model.io;

import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.network.UnitCell;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the matrices of a unit cell are stored: the tensors that all have, {@code NAME.shared.K},
 * with the first block's matrix, the own ones, {@code NAME.core.K}, with each.
 */
final class StoredCell {

  private static final Pattern IN_BLOCK = Pattern.compile("(.*\\.layers\\.)(\\d{1,6})(\\..*)");

  /** What stands on a bond, by its number in the manifest. */
  private static final List<BondMatrix> KINDS =
      List.of(BondMatrix.NONE, BondMatrix.DIAGONAL, BondMatrix.FULL);

  private StoredCell() {}

  /** The manifest's integers: those of the lattice, what is shared, and the place in the cell. */
  static Map<String, List<Integer>> integers(UnitCell cell, Map<String, List<Integer>> lattice) {
    Map<String, List<Integer>> integers = new TreeMap<>(lattice);
    integers.put("position", List.of(cell.position()));
    integers.put(
        "shared_sites", cell.shape().shared().stream().map(shared -> shared ? 1 : 0).toList());
    integers.put(
        "bond_matrices", cell.shape().bondMatrices().stream().map(KINDS::indexOf).toList());
    return integers;
  }

  static SequencedMap<String, Tensor> tensors(String name, UnitCell cell) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (int core = 0; core < cell.cores().size(); core++) {
      if (!cell.shape().isShared(core)) {
        tensors.put(own(name, core), cell.cores().get(core));
      } else if (cell.position() == 0) {
        tensors.put(shared(name, core), cell.cores().get(core));
      }
    }
    return tensors;
  }

  private static String own(String name, int core) {
    return name + ".core." + core;
  }

  private static String shared(String name, int core) {
    return name + ".shared." + core;
  }

  /**
   * Reads a member.
   *
   * @param known shared tensors that were read already, by name; grows
   * @throws IllegalArgumentException if the integers do not fit together or the file
   */
  static UnitCell read(
      TensorStore store, MatrixEntry entry, Lattice lattice, Map<String, Tensor> known) {
    int position = StoredFactorization.integer(entry, "position");
    List<Boolean> shared = new ArrayList<>();
    for (int flag : StoredFactorization.integers(entry, "shared_sites", lattice.sites())) {
      shared.add(choice(flag, 2) == 1);
    }
    List<BondMatrix> bonds = new ArrayList<>();
    for (int kind : StoredFactorization.integers(entry, "bond_matrices", lattice.bonds())) {
      bonds.add(KINDS.get(choice(kind, KINDS.size())));
    }
    CellShape shape = new CellShape(lattice, shared, bonds);
    String first = first(entry.name(), position);
    List<long[]> shapes = shape.shapes();
    List<Tensor> cores = new ArrayList<>();
    for (int core = 0; core < shapes.size(); core++) {
      long[] size = shapes.get(core);
      cores.add(
          shape.isShared(core)
              ? once(store, shared(first, core), size, known)
              : TensorFiles.read(store, own(entry.name(), core), size));
    }
    requireNoOther(store, entry.name(), shape);
    return new UnitCell(shape, position, cores);
  }

  private static int choice(int value, int count) {
    if (value < 0 || value >= count) {
      throw new IllegalArgumentException(
          "%d is none of the %d choices of a cell".formatted(value, count));
    }
    return value;
  }

  /** The name of the matrix in the cell's first block. */
  private static String first(String name, int position) {
    Matcher matcher = IN_BLOCK.matcher(name);
    int block = matcher.matches() ? Integer.parseInt(matcher.group(2)) : -1;
    if (position < 0 || position > block) {
      throw new IllegalArgumentException(
          "'%s' cannot stand at place %d of a cell".formatted(name, position));
    }
    return matcher.group(1) + (block - position) + matcher.group(3);
  }

  private static Tensor once(
      TensorStore store, String name, long[] shape, Map<String, Tensor> known) {
    Tensor tensor = known.computeIfAbsent(name, _ -> TensorFiles.read(store, name, shape));
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException(
          "the shared tensor %s has shape %s, not %s"
              .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    return tensor;
  }

  /** A bond matrix that the manifest does not mention must not be lost silently. */
  private static void requireNoOther(TensorStore store, String name, CellShape shape) {
    long own = store.names().stream().filter(stored -> stored.startsWith(name + ".core.")).count();
    long expected = shape.shapes().size() - shape.shared().stream().filter(s -> s).count();
    if (own != expected) {
      throw new IllegalArgumentException(
          "the file has %d tensors %s.core, the cell %d".formatted(own, name, expected));
    }
  }
}
