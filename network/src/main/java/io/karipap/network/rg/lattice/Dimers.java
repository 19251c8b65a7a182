package io.karipap.network.rg.lattice;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/** Coverings of the square lattice by dimers: every site touches exactly one. */
public record Dimers() implements LatticeModel {

  /** Catalan's constant G. */
  private static final double CATALAN = 0.915965594177219;

  /** T = 1 if exactly one leg carries a dimer. */
  @Override
  public Tensor site() {
    double[] t = new double[16];
    for (int legs : new int[] {0b1000, 0b0100, 0b0010, 0b0001}) {
      t[legs] = 1;
    }
    return Tensor.of(t, 2, 2, 2, 2);
  }

  /** Dimers may stick out. */
  @Override
  public List<Tensor> freeEnds() {
    return Collections.nCopies(4, Tensor.full(1, DType.F64, 2));
  }

  /** G / pi (Kasteleyn; Fisher and Temperley, 1961). */
  @Override
  public OptionalDouble exactLogZPerSite() {
    return OptionalDouble.of(CATALAN / Math.PI);
  }
}
