package io.karipap.network.rg.lattice;

import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.OptionalDouble;

/** A model of statistical mechanics on the infinite square lattice. */
public sealed interface LatticeModel permits Ising, Potts, Dimers, SquareIce {

  /** T[l,u,r,d] of one site; the contracted network of these tensors is the partition function. */
  Tensor site();

  /** What ends the legs l, u, r, d of a site where the lattice has a free boundary, vectors. */
  List<Tensor> freeEnds();

  /** Natural logarithm of Z per site where it is known in closed form or as an integral. */
  OptionalDouble exactLogZPerSite();
}
