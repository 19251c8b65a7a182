package io.karipap.network.rg;

import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A closed network on a rectangular grid with open boundary: any site tensors T[l,u,r,d] whose
 * bonds fit, legs across the boundary having dimension 1.
 *
 * @param sites by rows, from the top left
 */
public record FiniteLattice(List<List<Tensor>> sites) {

  /**
   * Checks that neighbours fit.
   *
   * @throws IllegalArgumentException naming the first site that does not
   */
  public FiniteLattice {
    sites = sites.stream().map(List::copyOf).toList();
    if (sites.isEmpty() || sites.getFirst().isEmpty()) {
      throw new IllegalArgumentException("a lattice has at least one site");
    }
    for (int row = 0; row < sites.size(); row++) {
      for (int column = 0; column < sites.get(row).size(); column++) {
        requireFit(sites, row, column);
      }
    }
  }

  private static void requireFit(List<List<Tensor>> sites, int row, int column) {
    List<Tensor> ours = sites.get(row);
    if (ours.size() != sites.getFirst().size()) {
      throw new IllegalArgumentException(
          "row %d has %d sites, the first one %d"
              .formatted(row, ours.size(), sites.getFirst().size()));
    }
    Tensor site = ours.get(column);
    int left = column == 0 ? 1 : ours.get(column - 1).size(2);
    int up = row == 0 ? 1 : sites.get(row - 1).get(column).size(3);
    boolean fits =
        site.rank() == 4
            && site.size(0) == left
            && site.size(1) == up
            && (column < ours.size() - 1 || site.size(2) == 1)
            && (row < sites.size() - 1 || site.size(3) == 1);
    if (!fits) {
      throw new IllegalArgumentException(
          ("the site in row %d, column %d is %s; it must be T[l,u,r,d] with the neighbours' l = %d"
                  + " and u = %d, and legs across the boundary of dimension 1")
              .formatted(row, column, site, left, up));
    }
  }

  /**
   * The same site everywhere.
   *
   * @param ends what ends the legs l, u, r, d at the boundary, each a vector
   */
  public static FiniteLattice of(Tensor site, int rows, int columns, List<Tensor> ends) {
    List<List<Tensor>> sites = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Tensor> line = new ArrayList<>();
      for (int column = 0; column < columns; column++) {
        Tensor tensor = column == 0 ? ended(site, 0, ends) : site;
        tensor = row == 0 ? ended(tensor, 1, ends) : tensor;
        tensor = column == columns - 1 ? ended(tensor, 2, ends) : tensor;
        line.add(row == rows - 1 ? ended(tensor, 3, ends) : tensor);
      }
      sites.add(line);
    }
    return new FiniteLattice(sites);
  }

  private static Tensor ended(Tensor site, int leg, List<Tensor> ends) {
    Tensor end = ends.get(leg).reshape(-1, 1);
    return site.transpose(leg, 3).matmul(end).transpose(leg, 3);
  }

  /** Number of rows. */
  public int rows() {
    return sites.size();
  }

  /** Number of columns. */
  public int columns() {
    return sites.getFirst().size();
  }

  /** The same network with rows and columns exchanged. */
  public FiniteLattice transposed() {
    return new FiniteLattice(
        IntStream.range(0, columns())
            .mapToObj(
                column -> sites.stream().map(row -> row.get(column).permute(1, 0, 3, 2)).toList())
            .toList());
  }

  /** The same network seen in a mirror below it: the last row becomes the first. */
  public FiniteLattice mirrored() {
    return new FiniteLattice(
        sites.reversed().stream()
            .map(row -> row.stream().map(site -> site.permute(0, 3, 2, 1)).toList())
            .toList());
  }
}
