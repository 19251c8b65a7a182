package io.karipap.network.rg.lattice;

import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/** Square ice: an arrow on every bond, two of them into every site and two out of it. */
public record SquareIce() implements LatticeModel {

  /** T = 1 if the ice rule holds, index 1 being an arrow to the right or down. */
  @Override
  public Tensor site() {
    double[] t = new double[16];
    for (int legs = 0; legs < t.length; legs++) {
      int in = (legs >> 3 & 1) + (legs >> 2 & 1); // from the left, from above
      int out = (legs >> 1 & 1) + (legs & 1); // to the right, down
      t[legs] = in == out ? 1 : 0;
    }
    return Tensor.of(t, 2, 2, 2, 2);
  }

  /** Any arrow. */
  @Override
  public List<Tensor> freeEnds() {
    return Collections.nCopies(4, Tensor.full(1, DType.F64, 2));
  }

  /** 3/2 ln(4/3) (Lieb, Phys. Rev. 162, 162). */
  @Override
  public OptionalDouble exactLogZPerSite() {
    return OptionalDouble.of(1.5 * Math.log(4.0 / 3));
  }
}
