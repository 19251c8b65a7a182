package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A lattice whose site tensors several matrices share, with bond matrices that each of them has of
 * its own (Vidal's Gamma and lambda with the unit cell along depth; Wang et al., "Basis Sharing",
 * 2024, for two sites).
 *
 * <p>The tensors of one matrix are its site tensors in the order of the lattice, then the bond
 * matrices in the order of {@link Lattice#bondDimensions}, those bonds left out that have none.
 *
 * @param lattice sites and bonds
 * @param shared for every site, whether all matrices have the same tensor there
 * @param bondMatrices for every bond, what a matrix has there of its own
 */
public record CellShape(Lattice lattice, List<Boolean> shared, List<BondMatrix> bondMatrices) {

  /** What stands on a bond of dimension D. */
  public enum BondMatrix {
    /** Nothing: the two sites meet. */
    NONE,
    /** lambda [D], a diagonal matrix. */
    DIAGONAL,
    /** lambda [D, D], the left or upper site first. */
    FULL
  }

  /**
   * Checks the counts.
   *
   * @throws IllegalArgumentException if there is not one flag for every site and every bond
   */
  public CellShape {
    shared = List.copyOf(shared);
    bondMatrices = List.copyOf(bondMatrices);
    if (shared.size() != lattice.sites() || bondMatrices.size() != lattice.bonds()) {
      throw new IllegalArgumentException(
          "a cell of %d sites and %d bonds cannot have %d shared flags and %d bond matrices"
              .formatted(lattice.sites(), lattice.bonds(), shared.size(), bondMatrices.size()));
    }
  }

  /**
   * Two sites, V_l = L lambda_l R with L [m, rank] and R [rank, n].
   *
   * @param shareLeft whether all matrices have one L
   * @param shareRight whether all matrices have one R
   */
  public static CellShape pair(
      int m, int n, int rank, boolean shareLeft, boolean shareRight, BondMatrix bond) {
    Lattice two = new Lattice(1, 2, List.of(m, 1), List.of(1, n), List.of(rank), List.of(), m, n);
    return new CellShape(two, List.of(shareLeft, shareRight), List.of(bond));
  }

  /** A lattice all of whose sites are shared, with full bond matrices on all bonds. */
  public static CellShape translationInvariant(Lattice lattice) {
    return new CellShape(
        lattice,
        Collections.nCopies(lattice.sites(), true),
        Collections.nCopies(lattice.bonds(), BondMatrix.FULL));
  }

  /** True for V = L lambda R: one site with all outputs, one with all inputs. */
  public boolean isPair() {
    return lattice.sites() == 2
        && lattice.columns() == 2
        && lattice.outputs().get(1) == 1
        && lattice.inputs().get(0) == 1;
  }

  /** Shapes of all tensors of a matrix. */
  public List<long[]> shapes() {
    List<long[]> shapes = new ArrayList<>();
    for (int site = 0; site < lattice.sites(); site++) {
      shapes.add(lattice.shape(site));
    }
    for (int bond = 0; bond < lattice.bonds(); bond++) {
      long d = lattice.bondDimensions().get(bond);
      switch (bondMatrices.get(bond)) {
        case NONE -> {}
        case DIAGONAL -> shapes.add(new long[] {d});
        case FULL -> shapes.add(new long[] {d, d});
      }
    }
    return shapes;
  }

  /** Whether a tensor, numbered as in {@link #shapes}, is shared. */
  public boolean isShared(int core) {
    return core < shared.size() && shared.get(core);
  }

  /** Number of elements of all tensors of this many matrices, the shared ones counted once. */
  public long parameters(int matrices) {
    List<long[]> shapes = shapes();
    long count = 0;
    for (int core = 0; core < shapes.size(); core++) {
      long elements = 1;
      for (long size : shapes.get(core)) {
        elements = Math.multiplyExact(elements, size);
      }
      count =
          Math.addExact(count, isShared(core) ? elements : Math.multiplyExact(matrices, elements));
    }
    return count;
  }
}
