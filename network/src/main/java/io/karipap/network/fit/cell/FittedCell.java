package io.karipap.network.fit.cell;

import io.karipap.network.UnitCell;
import java.util.List;

/**
 * The result of a joint fit.
 *
 * @param cells float64, in the caller's scope, one for every target in their order
 * @param squaredErrors tr((W-V) C (W-V)^T) / tr(W C W^T) of every target
 * @param iterations steps taken
 */
public record FittedCell(List<UnitCell> cells, List<Double> squaredErrors, int iterations) {

  /** Copies the lists. */
  public FittedCell {
    cells = List.copyOf(cells);
    squaredErrors = List.copyOf(squaredErrors);
  }

  /** Sum of the squared errors, each weighted by its target. */
  public double total(List<CellTarget> targets) {
    double total = 0;
    for (int k = 0; k < squaredErrors.size(); k++) {
      total += targets.get(k).weight() * squaredErrors.get(k);
    }
    return total;
  }
}
