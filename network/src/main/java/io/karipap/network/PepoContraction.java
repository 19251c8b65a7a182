package io.karipap.network;

import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * How a lattice of site tensors becomes its matrix: legs by name and the order of contraction, worked out once.
 *
 * <p>Leg s is the output of site s, S + s its input, 2 S + b bond b of {@link Lattice#bondDimensions}.
 *
 * @param lattice the grid
 * @param order pairwise contractions of the site tensors
 */
public record PepoContraction(Lattice lattice, ContractionOrder order) {

  /** The cheapest way to the matrix. */
  public static PepoContraction ofMatrix(Lattice lattice) {
    return new PepoContraction(lattice, ContractionOrder.of(legs(lattice), physical(lattice), sizes(lattice)));
  }

  /** V [m, n] from the site tensors; differentiable. */
  public Tensor matrix(List<Tensor> cores) {
    return order
        .contract(cores)
        .reshape(lattice.paddedRows(), lattice.paddedColumns())
        .narrow(0, 0, lattice.matrixRows())
        .narrow(1, 0, lattice.matrixColumns());
  }

  private static List<List<Integer>> legs(Lattice lattice) {
    int sites = lattice.sites();
    List<List<Integer>> all = new ArrayList<>(sites);
    for (int site = 0; site < sites; site++) {
      List<Integer> legs = new ArrayList<>(List.of(site, sites + site));
      lattice.bondsOf(site).forEach(bond -> legs.add(2 * sites + bond));
      all.add(legs);
    }
    return all;
  }

  private static List<Integer> physical(Lattice lattice) {
    List<Integer> legs = new ArrayList<>();
    for (int leg = 0; leg < 2 * lattice.sites(); leg++) {
      legs.add(leg);
    }
    return legs;
  }

  private static List<Integer> sizes(Lattice lattice) {
    List<Integer> sizes = new ArrayList<>(lattice.outputs());
    sizes.addAll(lattice.inputs());
    sizes.addAll(lattice.bondDimensions());
    return sizes;
  }
}
