package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.List;

/**
 * A bond of a lattice and its place in the tensors of its two sites.
 *
 * @param bond index into {@link Lattice#bondDimensions}
 * @param first the bond's left or upper site
 * @param second its right or lower site
 * @param firstLeg the bond's place in the first site's tensor
 * @param secondLeg its place in the second site's tensor
 */
public record LatticeBond(int bond, int first, int second, int firstLeg, int secondLeg) {

  /**
   * A bond of a lattice.
   *
   * @throws IllegalArgumentException if the lattice has fewer bonds
   */
  public static LatticeBond of(Lattice lattice, int bond) {
    List<Integer> ends = new ArrayList<>(2);
    for (int site = 0; site < lattice.sites(); site++) {
      if (lattice.bondsOf(site).contains(bond)) {
        ends.add(site);
      }
    }
    if (ends.isEmpty()) {
      throw new IllegalArgumentException(
          "the lattice has " + lattice.bonds() + " bonds, there is no bond " + bond);
    }
    return new LatticeBond(
        bond,
        ends.get(0),
        ends.get(1),
        2 + lattice.bondsOf(ends.get(0)).indexOf(bond),
        2 + lattice.bondsOf(ends.get(1)).indexOf(bond));
  }
}
