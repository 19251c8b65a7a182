package io.karipap.network.contract;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeBond;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * How a lattice of site tensors becomes its matrix: legs by name and the order of contraction,
 * worked out once.
 *
 * <p>Leg s is the output of site s, S + s its input, 2 S + b bond b of {@link
 * Lattice#bondDimensions}.
 *
 * @param lattice the grid
 * @param order pairwise contractions of the site tensors
 */
public record PepoContraction(Lattice lattice, ContractionOrder order) {

  /** The cheapest way to the matrix. */
  public static PepoContraction ofMatrix(Lattice lattice) {
    return new PepoContraction(
        lattice, ContractionOrder.of(legs(lattice), physical(lattice), sizes(lattice)));
  }

  /**
   * The cheapest way to the environment of a site, the network without its tensor, with the legs:
   * bonds of the site in the order of its tensor, outputs of the other sites, inputs of the other
   * sites.
   */
  public static ContractionOrder ofEnvironment(Lattice lattice, int site) {
    List<List<Integer>> others = new ArrayList<>(legs(lattice));
    List<Integer> own = others.remove(site);
    others.add(
        List.of()); // a scalar, so that there are two operands to contract even on the smallest
    // lattices
    if (others.size() == 1) {
      others.add(List.of());
    }
    List<Integer> result = new ArrayList<>(own.subList(2, own.size()));
    physical(lattice).stream().filter(leg -> leg % lattice.sites() != site).forEach(result::add);
    return ContractionOrder.of(others, result, sizes(lattice));
  }

  /**
   * The cheapest way from the sites of a lattice with one bond cut open, and a matrix A [o_1..o_S,
   * i_1..i_S], to sum A V_pq over all outputs and inputs: [p, q].
   *
   * @param p dimension of the cut bond's end at its first site
   * @param q and at its second site
   */
  public static ContractionOrder ofCutBond(Lattice lattice, LatticeBond bond, int p, int q) {
    List<List<Integer>> operands = cut(lattice, bond);
    operands.add(physical(lattice));
    List<Integer> sizes = cutSizes(lattice, bond, p, q);
    return ContractionOrder.of(operands, ends(lattice, bond), sizes);
  }

  /** The matrices V_pq themselves, as [p, q, o_1..o_S, i_1..i_S]. */
  public static ContractionOrder ofCutBondMatrices(
      Lattice lattice, LatticeBond bond, int p, int q) {
    List<Integer> result = new ArrayList<>(ends(lattice, bond));
    result.addAll(physical(lattice));
    return ContractionOrder.of(cut(lattice, bond), result, cutSizes(lattice, bond, p, q));
  }

  /**
   * The double layer of a lattice with one bond cut open, sum_oi V_pq V_p'q', as [p, q, p', q'];
   * the operands are all sites and then all sites again.
   */
  public static ContractionOrder ofDoubleLayer(Lattice lattice, LatticeBond bond, int p, int q) {
    int legs = 2 * lattice.sites() + lattice.bonds() + 1;
    List<List<Integer>> operands = cut(lattice, bond);
    // the bonds of the second layer have numbers of their own, outputs and inputs are summed over
    IntUnaryOperator second = leg -> leg < 2 * lattice.sites() ? leg : leg + legs;
    for (List<Integer> site : List.copyOf(operands)) {
      operands.add(site.stream().map(second::applyAsInt).toList());
    }
    List<Integer> result = new ArrayList<>(ends(lattice, bond));
    ends(lattice, bond).forEach(leg -> result.add(second.applyAsInt(leg)));
    List<Integer> sizes = cutSizes(lattice, bond, p, q);
    sizes.addAll(List.copyOf(sizes));
    return ContractionOrder.of(operands, result, sizes);
  }

  /** Legs of the sites; the second end of the cut bond has the first number that is free. */
  private static List<List<Integer>> cut(Lattice lattice, LatticeBond bond) {
    List<List<Integer>> operands = legs(lattice);
    operands.get(bond.second()).set(bond.secondLeg(), 2 * lattice.sites() + lattice.bonds());
    return operands;
  }

  private static List<Integer> ends(Lattice lattice, LatticeBond bond) {
    return List.of(2 * lattice.sites() + bond.bond(), 2 * lattice.sites() + lattice.bonds());
  }

  private static List<Integer> cutSizes(Lattice lattice, LatticeBond bond, int p, int q) {
    List<Integer> sizes = sizes(lattice);
    sizes.set(2 * lattice.sites() + bond.bond(), p);
    sizes.add(q);
    return sizes;
  }

  /** The cheapest way through the sites for a number of vectors, without the matrix. */
  public static PepoContraction ofVectors(Lattice lattice, int vectors) {
    List<List<Integer>> operands = legs(lattice);
    List<Integer> sizes = new ArrayList<>(sizes(lattice));
    int batch = sizes.size();
    sizes.add(vectors);
    List<Integer> all = physical(lattice);
    List<Integer> x = new ArrayList<>(List.of(batch));
    x.addAll(all.subList(lattice.sites(), all.size()));
    List<Integer> y = new ArrayList<>(List.of(batch));
    y.addAll(all.subList(0, lattice.sites()));
    operands.add(x);
    return new PepoContraction(lattice, ContractionOrder.of(operands, y, sizes));
  }

  /**
   * V x [vectors, m] of an order made by {@link #ofVectors}, for x [vectors, n]; differentiable.
   */
  public Tensor apply(Tensor x, List<Tensor> cores) {
    int vectors = x.size(0);
    long[] shape = new long[1 + lattice.sites()];
    shape[0] = vectors;
    for (int site = 0; site < lattice.sites(); site++) {
      shape[1 + site] = lattice.inputs().get(site);
    }
    List<Tensor> operands = new ArrayList<>(cores);
    operands.add(x.padTo(vectors, lattice.paddedColumns()).reshape(shape));
    return order
        .contract(operands)
        .reshape(vectors, lattice.paddedRows())
        .narrow(1, 0, lattice.matrixRows());
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
