package io.karipap.network.rg;

import io.karipap.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Tensor renormalization of an infinite square lattice (Levin and Nave, Phys. Rev. Lett. 99,
 * 120601).
 *
 * @param block the coarse-grained tensor T[l,u,r,d]
 */
public record Trg(Coarse block) implements RenormalizationScheme<Trg> {

  /** The lattice of one site tensor T[l,u,r,d]. */
  public static Trg of(Tensor site) {
    return new Trg(Coarse.ofSite(site));
  }

  /** The lattice turns by 45 degrees and thins by a factor 2. Cost O(chi^6). */
  @Override
  public Trg step(TruncationRule truncation) {
    Split even = Split.of(block.tensor(), "lurd -> lu|rd", truncation); // A1[l,u,a] A2[a,r,d]
    Split odd = Split.of(block.tensor(), "lurd -> ld|ru", truncation); // B1[l,d,b] B2[b,r,u]
    // the halves that face one plaquette: its top left corner is an even site
    return new Trg(
        block.next(Plaquette.contract(even.right(), odd.left(), even.left(), odd.right()), 2));
  }

  @Override
  public double logZPerSite() {
    return block.logZPerSite(Tensor.einsum("abab->", block.tensor()));
  }

  @Override
  public Trg map(UnaryOperator<Tensor> replace) {
    return new Trg(block.map(replace));
  }
}
