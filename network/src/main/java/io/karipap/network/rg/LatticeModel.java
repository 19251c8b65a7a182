package io.karipap.network.rg;

import io.karipap.tensor.Tensor;
import java.util.OptionalDouble;

/** A model of statistical mechanics on the infinite square lattice. */
public sealed interface LatticeModel permits Ising, Potts, Dimers, SquareIce {

  /** T[l,u,r,d] of one site, such that the contracted network is the partition function. */
  Tensor site();

  /** Natural logarithm of Z per site where it is known in closed form or as an integral. */
  OptionalDouble exactLogZPerSite();
}
