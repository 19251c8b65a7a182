package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A network on a rectangular lattice, site s stored as {@code NAME.core.s}.
 *
 * @param lattice sites, bonds and all dimensions
 */
public record LatticeForm(Lattice lattice) implements QuantizableForm {

  static final String NAME = "pepo";

  /** The lattice that integers describe. */
  static Lattice lattice(int matrixRows, int matrixColumns, FormIntegers integers) {
    List<Integer> grid = integers.list("grid", 2);
    int rows = grid.get(0);
    int columns = grid.get(1);
    int sites = Math.multiplyExact(rows, columns);
    List<Integer> outputs = integers.list("outputs", sites);
    List<Integer> inputs = integers.list("inputs", sites);
    FormIntegers.requireLittlePadding(outputs, inputs, matrixRows, matrixColumns);
    return new Lattice(
        rows,
        columns,
        outputs,
        inputs,
        integers.list("horizontal_bonds", rows * (columns - 1)),
        integers.list("vertical_bonds", (rows - 1) * columns),
        matrixRows,
        matrixColumns);
  }

  /** The integers that describe a lattice. */
  static Map<String, List<Integer>> integers(Lattice lattice) {
    return Map.of(
        "grid", List.of(lattice.rows(), lattice.columns()),
        "outputs", lattice.outputs(),
        "inputs", lattice.inputs(),
        "horizontal_bonds", lattice.horizontalBonds(),
        "vertical_bonds", lattice.verticalBonds());
  }

  @Override
  public int rows() {
    return lattice.matrixRows();
  }

  @Override
  public int columns() {
    return lattice.matrixColumns();
  }

  @Override
  public String label() {
    return NAME;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    return integers(lattice);
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    return IntStream.range(0, lattice.sites())
        .mapToObj(site -> StoredTensor.numbers(name + ".core." + site, lattice.shape(site)))
        .toList();
  }
}
