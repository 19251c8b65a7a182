package io.karipap.network.fit.cell;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.network.UnitCell;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.LbfgsDefaults;
import io.karipap.tensor.DType;
import io.karipap.tensor.Lbfgs;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Fits the tensors of a unit cell to all its matrices together, each in its own metric, by L-BFGS.
 */
public final class CellFit {

  private CellFit() {}

  /**
   * Fits from the start that suits the shape. With two sites and only the left factor shared, the
   * start is the optimum.
   *
   * @throws IllegalArgumentException if the sizes do not fit, or a W x is always zero
   */
  public static FittedCell fit(List<CellTarget> targets, CellShape shape, FitOptions options) {
    CellProblem problem = CellProblem.of(targets, shape);
    return minimise(targets, shape, problem, CellStart.of(problem), options);
  }

  /**
   * Improves a cell.
   *
   * @param start one for every target; their tensors are not changed
   * @throws IllegalArgumentException if the sizes do not fit, or a W x is always zero
   */
  public static FittedCell from(
      List<UnitCell> start, List<CellTarget> targets, FitOptions options) {
    CellShape shape = start.getFirst().shape();
    CellProblem problem = CellProblem.of(targets, shape);
    List<List<Tensor>> cells =
        start.stream()
            .map(cell -> cell.cores().stream().map(core -> core.detach().to(DType.F64)).toList())
            .map(problem.scaling()::scaled)
            .toList();
    return minimise(targets, shape, problem, cells, options);
  }

  private static FittedCell minimise(
      List<CellTarget> targets,
      CellShape shape,
      CellProblem problem,
      List<List<Tensor>> start,
      FitOptions options) {
    CellObjective objective =
        new CellObjective(problem.targets(), problem.shape(), options.precision());
    Lbfgs.Minimum minimum =
        LbfgsDefaults.lbfgs(options).minimise(objective, objective.variables(start));
    // the shared tensors are made once, from the first member
    List<Tensor> first = problem.scaling().unscaled(objective.cores(minimum.x(), 0));
    List<UnitCell> cells = new ArrayList<>();
    List<Double> errors = new ArrayList<>();
    for (int member = 0; member < targets.size(); member++) {
      List<Tensor> cores =
          new ArrayList<>(problem.scaling().unscaled(objective.cores(minimum.x(), member)));
      for (int core = 0; core < cores.size(); core++) {
        if (shape.isShared(core)) {
          cores.set(core, first.get(core));
        }
      }
      UnitCell cell = new UnitCell(shape, member, cores);
      CellTarget target = targets.get(member);
      cells.add(cell);
      errors.add(target.metric().squaredError(target.w(), cell.matrix()));
    }
    return new FittedCell(cells, errors, minimum.iterations());
  }
}
