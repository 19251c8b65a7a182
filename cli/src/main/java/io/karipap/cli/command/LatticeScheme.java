package io.karipap.cli.command;

import io.karipap.network.rg.Btrg;
import io.karipap.network.rg.Ctmrg;
import io.karipap.network.rg.CtmrgC4v;
import io.karipap.network.rg.Hotrg;
import io.karipap.network.rg.RenormalizationFlow;
import io.karipap.network.rg.Stopping;
import io.karipap.network.rg.Trg;
import io.karipap.network.rg.TruncationRule;
import io.karipap.network.rg.lattice.LatticeModel;
import io.karipap.tensor.Tensor;
import java.util.Locale;

/** The renormalization schemes that {@code karipap lattice} knows. */
enum LatticeScheme {
  /** Tensor renormalization. */
  TRG(128, 60, 1e-13),
  /** Bond-weighted tensor renormalization. */
  BTRG(128, 60, 1e-13),
  /** By the higher-order singular value decomposition. */
  HOTRG(64, 40, 1e-13),
  /** Corner transfer matrices; the symmetric ones where the lattice allows them. */
  CTMRG(512, 5000, 1e-14);

  private final int largestBond;
  private final int steps;
  private final double tolerance;

  LatticeScheme(int largestBond, int steps, double tolerance) {
    this.largestBond = largestBond;
    this.steps = steps;
    this.tolerance = tolerance;
  }

  /** Beyond this bond dimension the tensors do not fit into memory. */
  int largestBond() {
    return largestBond;
  }

  /** Enough at criticality. A step of CTMRG adds few sites: it changes little and has to go on. */
  Stopping converged() {
    return new Stopping(steps, tolerance);
  }

  /** Renormalizes a model. */
  RenormalizationFlow<?> run(LatticeModel model, TruncationRule truncation, Stopping stopping) {
    Tensor site = model.site();
    return switch (this) {
      case TRG -> RenormalizationFlow.run(Trg.of(site), truncation, stopping);
      case BTRG -> RenormalizationFlow.run(Btrg.of(site), truncation, stopping);
      case HOTRG -> RenormalizationFlow.run(Hotrg.of(site), truncation, stopping);
      case CTMRG ->
          CtmrgC4v.isSymmetric(site)
              ? RenormalizationFlow.run(
                  CtmrgC4v.of(site, model.freeEnds().getFirst()), truncation, stopping)
              : RenormalizationFlow.run(Ctmrg.of(site, model.freeEnds()), truncation, stopping);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
