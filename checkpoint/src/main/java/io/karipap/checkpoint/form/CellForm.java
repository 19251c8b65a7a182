package io.karipap.checkpoint.form;

import io.karipap.checkpoint.form.CellShape.BondMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A matrix of a unit cell that repeats with depth. The tensors that all matrices of the cell have
 * are {@code NAME.shared.K} of the first one, the own ones {@code NAME.core.K} of each.
 *
 * @param shape sites, bonds, and what is shared
 * @param position place in the cell, from 0: the matrix of the first block is the first
 */
public record CellForm(CellShape shape, int position) implements FormSpec {

  static final String NAME = "cell";
  private static final String POSITION = "position";
  private static final String SHARED = "shared_sites";
  private static final String BONDS = "bond_matrices";
  private static final Pattern IN_BLOCK = Pattern.compile("(.*\\.layers\\.)(\\d{1,6})(\\..*)");

  /** What stands on a bond, by its number in the manifest. */
  private static final List<BondMatrix> KINDS =
      List.of(BondMatrix.NONE, BondMatrix.DIAGONAL, BondMatrix.FULL);

  /**
   * Checks the position.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public CellForm {
    if (position < 0) {
      throw new IllegalArgumentException("a cell has no place " + position);
    }
  }

  static CellForm parse(int rows, int columns, FormIntegers integers) {
    Lattice lattice = LatticeForm.lattice(rows, columns, integers);
    List<Boolean> shared = new ArrayList<>();
    for (int flag : integers.list(SHARED, lattice.sites())) {
      shared.add(choice(flag, 2) == 1);
    }
    List<BondMatrix> bonds = new ArrayList<>();
    for (int kind : integers.list(BONDS, lattice.bonds())) {
      bonds.add(KINDS.get(choice(kind, KINDS.size())));
    }
    return new CellForm(new CellShape(lattice, shared, bonds), integers.one(POSITION));
  }

  private static int choice(int value, int count) {
    if (value < 0 || value >= count) {
      throw new IllegalArgumentException(
          "%d is none of the %d choices of a cell".formatted(value, count));
    }
    return value;
  }

  @Override
  public int rows() {
    return shape.lattice().matrixRows();
  }

  @Override
  public int columns() {
    return shape.lattice().matrixColumns();
  }

  @Override
  public String label() {
    return NAME;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    Map<String, List<Integer>> integers = new TreeMap<>(LatticeForm.integers(shape.lattice()));
    integers.put(POSITION, List.of(position));
    integers.put(SHARED, shape.shared().stream().map(shared -> shared ? 1 : 0).toList());
    integers.put(BONDS, shape.bondMatrices().stream().map(KINDS::indexOf).toList());
    return integers;
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    String first = first(name);
    return cores().mapToObj(core -> tensor(core, name, first)).toList();
  }

  @Override
  public List<StoredTensor> stored(String name) {
    return cores()
        .filter(core -> position == 0 || !shape.isShared(core))
        .mapToObj(core -> tensor(core, name, name))
        .toList();
  }

  private IntStream cores() {
    return IntStream.range(0, shape.shapes().size());
  }

  private StoredTensor tensor(int core, String name, String first) {
    String stored = shape.isShared(core) ? first + ".shared." + core : name + ".core." + core;
    return StoredTensor.numbers(stored, shape.shapes().get(core));
  }

  /** The name of the matrix in the cell's first block. */
  private String first(String name) {
    if (position == 0) {
      return name;
    }
    Matcher matcher = IN_BLOCK.matcher(name);
    int block = matcher.matches() ? Integer.parseInt(matcher.group(2)) : -1;
    if (position > block) {
      throw new IllegalArgumentException(
          "'%s' cannot stand at place %d of a cell".formatted(name, position));
    }
    return matcher.group(1) + (block - position) + matcher.group(3);
  }
}
