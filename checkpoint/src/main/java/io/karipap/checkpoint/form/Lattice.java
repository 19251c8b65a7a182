package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a tensor network operator on an open rectangular grid: one tensor per site, one bond
 * per pair of neighbours.
 *
 * <p>Sites are numbered row by row. With o_s and i_s the physical dimensions of site s, the matrix
 * index of an output is the mixed-radix number (o_0, o_1, ...), site 0 the most significant digit,
 * and likewise for inputs. The products of the o_s and i_s may exceed the matrix: the surplus rows
 * and columns are padding, dropped on contraction. A 1 x L lattice is a matrix product operator
 * (MPO), 2 x 2 a ring of four tensors.
 *
 * @param rows sites per column of the grid
 * @param columns sites per row of the grid
 * @param outputs o_s for every site
 * @param inputs i_s for every site
 * @param horizontalBonds dimensions of the bonds (r, c)-(r, c + 1), row by row: rows * (columns -
 *     1)
 * @param verticalBonds dimensions of the bonds (r, c)-(r + 1, c), row by row: (rows - 1) * columns
 * @param matrixRows m, at most the product of the outputs
 * @param matrixColumns n, at most the product of the inputs
 */
public record Lattice(
    int rows,
    int columns,
    List<Integer> outputs,
    List<Integer> inputs,
    List<Integer> horizontalBonds,
    List<Integer> verticalBonds,
    int matrixRows,
    int matrixColumns) {

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException naming the part that does not fit
   */
  public Lattice {
    outputs = List.copyOf(outputs);
    inputs = List.copyOf(inputs);
    horizontalBonds = List.copyOf(horizontalBonds);
    verticalBonds = List.copyOf(verticalBonds);
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a lattice needs at least one row and one column, not " + rows + " x " + columns);
    }
    requireDimensions("outputs", outputs, Math.multiplyExact(rows, columns));
    requireDimensions("inputs", inputs, rows * columns);
    requireDimensions("horizontal bonds", horizontalBonds, rows * (columns - 1));
    requireDimensions("vertical bonds", verticalBonds, (rows - 1) * columns);
    requireCovered("outputs", outputs, matrixRows);
    requireCovered("inputs", inputs, matrixColumns);
  }

  private static void requireDimensions(String name, List<Integer> sizes, int count) {
    if (sizes.size() != count) {
      throw new IllegalArgumentException(
          "the lattice needs " + count + " " + name + ", but has " + sizes.size() + ": " + sizes);
    }
    if (sizes.stream().anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(name + " of a lattice must be positive: " + sizes);
    }
  }

  private static void requireCovered(String name, List<Integer> sizes, int dimension) {
    if (dimension < 1 || product(sizes) < dimension) {
      throw new IllegalArgumentException(
          "a matrix dimension of "
              + dimension
              + " is not in 1 to the product of the "
              + name
              + " "
              + sizes);
    }
  }

  private static long product(List<Integer> sizes) {
    return sizes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /** Number of sites. */
  public int sites() {
    return rows * columns;
  }

  /** Product of the outputs: the rows of the contracted matrix before the padding is dropped. */
  public int paddedRows() {
    return Math.toIntExact(product(outputs));
  }

  /** Product of the inputs: the columns of the contracted matrix before the padding is dropped. */
  public int paddedColumns() {
    return Math.toIntExact(product(inputs));
  }

  /** Number of bonds. */
  public int bonds() {
    return horizontalBonds.size() + verticalBonds.size();
  }

  /** Dimensions of all bonds, the horizontal ones first. */
  public List<Integer> bondDimensions() {
    List<Integer> all = new ArrayList<>(horizontalBonds);
    all.addAll(verticalBonds);
    return List.copyOf(all);
  }

  /** The same grid with other bond dimensions, in the order of {@link #bondDimensions}. */
  public Lattice withBonds(List<Integer> dimensions) {
    int split = horizontalBonds.size();
    return new Lattice(
        rows,
        columns,
        outputs,
        inputs,
        dimensions.subList(0, split),
        dimensions.subList(split, dimensions.size()),
        matrixRows,
        matrixColumns);
  }

  /**
   * The bonds of a site, as indices into {@link #bondDimensions}: left, up, right, down, without
   * those that the edge lacks.
   */
  public List<Integer> bondsOf(int site) {
    int row = site / columns;
    int column = site % columns;
    List<Integer> bonds = new ArrayList<>(4);
    if (column > 0) {
      bonds.add(row * (columns - 1) + column - 1);
    }
    if (row > 0) {
      bonds.add(horizontalBonds.size() + (row - 1) * columns + column);
    }
    if (column < columns - 1) {
      bonds.add(row * (columns - 1) + column);
    }
    if (row < rows - 1) {
      bonds.add(horizontalBonds.size() + row * columns + column);
    }
    return List.copyOf(bonds);
  }

  /**
   * Shape of a site's tensor: [o, i, left, up, right, down] without the bonds that the edge lacks.
   */
  public long[] shape(int site) {
    List<Integer> dimensions = bondDimensions();
    List<Integer> bonds = bondsOf(site);
    long[] shape = new long[2 + bonds.size()];
    shape[0] = outputs.get(site);
    shape[1] = inputs.get(site);
    for (int k = 0; k < bonds.size(); k++) {
      shape[2 + k] = dimensions.get(bonds.get(k));
    }
    return shape;
  }

  /** Number of elements of a site's tensor. */
  public long parameters(int site) {
    long count = 1;
    for (long size : shape(site)) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  /** Number of elements of all site tensors. */
  public long parameters() {
    long count = 0;
    for (int site = 0; site < sites(); site++) {
      count = Math.addExact(count, parameters(site));
    }
    return count;
  }
}
