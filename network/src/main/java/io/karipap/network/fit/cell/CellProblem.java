package io.karipap.network.fit.cell;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.network.fit.InputScaling;
import io.karipap.tensor.Tensor;
import java.util.List;

/**
 * A joint fit in scaled variables.
 *
 * @param scaling to them
 * @param shape of the network of scaled tensors
 * @param targets scaled
 */
record CellProblem(InputScaling scaling, CellShape shape, List<CellTarget> targets) {

  /**
   * Scales the targets of a fit by their mean metric.
   *
   * @throws IllegalArgumentException if they do not fit the shape
   */
  static CellProblem of(List<CellTarget> targets, CellShape shape) {
    CellTarget.require(targets, shape.lattice().matrixRows(), shape.lattice().matrixColumns());
    InputScaling scaling = InputScaling.of(meanCovariance(targets), shape.lattice());
    return new CellProblem(
        scaling,
        new CellShape(scaling.scaledLattice(), shape.shared(), shape.bondMatrices()),
        targets.stream()
            .map(target ->
                new CellTarget(
                    scaling.matrix(target.w()), scaling.metric(target.metric()), target.weight()))
            .toList());
  }

  /** The covariances, each weighted as its errors are in the objective. */
  private static Tensor meanCovariance(List<CellTarget> targets) {
    Tensor sum = targets.getFirst().metric().covariance().zerosLike();
    for (CellTarget target : targets) {
      double scale = target.scale();
      sum.addInPlace(target.metric().covariance(), scale * scale);
    }
    return sum;
  }
}
