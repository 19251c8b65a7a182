package io.karipap.network.fit.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.UnitCell;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.HierarchicalSvd;
import io.karipap.network.fit.LowRankFit;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CellFitTest extends NetworkTest {

  private static final FitOptions LONG = new FitOptions(3000, 1e-7, 1e-12, 0, 1);

  private static Metric metric(int n, long seed) {
    return Metric.of(covariance(activations(200, n, seed)));
  }

  /** Three unrelated matrices, each with a metric of its own. */
  private static List<CellTarget> targets(int m, int n) {
    return List.of(
        new CellTarget(normal(11, m, n), metric(n, 1)),
        new CellTarget(normal(12, m, n).mul(3), metric(n, 2), 2),
        new CellTarget(normal(13, m, n), metric(n, 3)));
  }

  static Stream<CellShape> shapes() {
    return Stream.of(
        CellShape.pair(29, 19, 6, true, true, BondMatrix.FULL),
        CellShape.pair(29, 19, 4, true, true, BondMatrix.DIAGONAL),
        CellShape.pair(29, 19, 5, true, false, BondMatrix.NONE),
        CellShape.pair(29, 19, 5, false, true, BondMatrix.NONE),
        CellShape.translationInvariant(paddedRing()),
        new CellShape(
            paddedRing(),
            List.of(true, false, true, false),
            List.of(BondMatrix.NONE, BondMatrix.FULL, BondMatrix.DIAGONAL, BondMatrix.NONE)));
  }

  /** Random cells: what a member has of its own comes from its own seed. */
  private static List<UnitCell> cells(CellShape shape) {
    List<UnitCell> cells = new ArrayList<>();
    for (int member = 0; member < 3; member++) {
      List<Tensor> cores = new ArrayList<>();
      for (long[] size : shape.shapes()) {
        int number = cores.size();
        Tensor core =
            normal(40L + number + (shape.isShared(number) ? 0 : 20L + 10L * member), size);
        // well-conditioned bond matrices: minima in a long valley take L-BFGS for ever
        cores.add(
            number < 4 || size.length != 2
                ? core
                : core.mul(0.3).add(Tensor.eye(DType.F64, size[0])));
      }
      cells.add(new UnitCell(shape, member, cores));
    }
    return cells;
  }

  /** Every tensor with a little noise. */
  private static List<UnitCell> nearby(List<UnitCell> cells) {
    return cells.stream()
        .map(cell ->
            cell.withCores(
                cell.cores().stream()
                    .map(core -> core.add(normal(99, core.shape()).mul(0.02)))
                    .toList()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void recoversWhatACellRepresentsExactly(CellShape shape) {
    List<UnitCell> cells = cells(shape);
    List<CellTarget> targets =
        cells.stream()
            .map(cell -> new CellTarget(cell.matrix(), metric(19, 5L + cell.position())))
            .toList();
    // two sites are found from nowhere; lattices, and sums of rank one, have other minima far away
    boolean global = shape.isPair() && shape.bondMatrices().getFirst() != BondMatrix.DIAGONAL;

    FittedCell fitted =
        global ? CellFit.fit(targets, shape, LONG) : CellFit.from(nearby(cells), targets, LONG);

    for (int member = 0; member < 3; member++) {
      assertThat(Math.sqrt(fitted.squaredErrors().get(member))).isLessThan(1e-8);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void hasTheGradientOfFiniteDifferences(CellShape shape) {
    CellProblem problem = CellProblem.of(targets(29, 19), shape);
    CellObjective objective = new CellObjective(problem.targets(), problem.shape(), DType.F64);
    Tensor x = normal(7, objective.variables(CellStart.of(problem)).elements());
    assertThat(x.elements()).isEqualTo(shape.parameters(3));
    double[] gradient = objective.evaluate(x).gradient().toDoubles();
    double[] at = x.toDoubles();
    for (int k = 0; k < at.length; k += 17) {
      double step = 1e-5;
      double[] up = at.clone();
      double[] down = at.clone();
      up[k] += step;
      down[k] -= step;
      double slope =
          (objective.evaluate(Tensor.of(up, at.length)).value()
                  - objective.evaluate(Tensor.of(down, at.length)).value())
              / (2 * step);
      assertThat(gradient[k]).isCloseTo(slope, within(1e-6 * (1 + Math.abs(slope))));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void neverEndsAboveItsStartAndReportsTheTrueErrors(CellShape shape) {
    List<CellTarget> targets = targets(29, 19);

    FittedCell start = CellFit.fit(targets, shape, LONG.withIterations(0));
    FittedCell fitted = CellFit.fit(targets, shape, LONG.withIterations(40));
    FittedCell further = CellFit.from(fitted.cells(), targets, LONG.withIterations(20));

    assertThat(fitted.total(targets)).isLessThanOrEqualTo(start.total(targets) + 1e-12);
    assertThat(further.total(targets)).isLessThanOrEqualTo(fitted.total(targets) + 1e-12);
    UnitCell first = fitted.cells().getFirst();
    for (int member = 0; member < 3; member++) {
      UnitCell cell = fitted.cells().get(member);
      CellTarget target = targets.get(member);
      Tensor lost = target.w().sub(cell.matrix());
      double error =
          lost.matmul(target.metric().covariance()).mul(lost).sum().item()
              / target.w().matmul(target.metric().covariance()).mul(target.w()).sum().item();
      assertThat(fitted.squaredErrors().get(member)).isCloseTo(error, within(1e-10));
      assertThat(cell.position()).isEqualTo(member);
      for (int core = 0; core < cell.cores().size(); core++) {
        if (shape.isShared(core)) {
          assertThat(cell.cores().get(core)).isSameAs(first.cores().get(core));
        }
      }
    }
  }

  @Test
  void startsAtTheMetricsErrors() {
    List<CellTarget> targets = targets(29, 19);
    for (CellShape shape : shapes().toList()) {
      CellProblem problem = CellProblem.of(targets, shape);
      CellObjective objective = new CellObjective(problem.targets(), problem.shape(), DType.F64);
      double value = objective.evaluate(objective.variables(CellStart.of(problem))).value();
      double total = CellFit.fit(targets, shape, LONG.withIterations(0)).total(targets);
      assertThat(value).isCloseTo(total, within(1e-10));
    }
  }

  @Test
  void aSharedLeftFactorIsTheOptimumInClosedForm() {
    List<CellTarget> targets = targets(16, 20);
    CellShape shape = CellShape.pair(16, 20, 5, true, false, BondMatrix.NONE);
    List<Tensor> scaled =
        targets.stream()
            .map(t -> {
              double weight = Math.sqrt(t.weight() / t.metric().energy(t.w()));
              return t.w().matmul(t.metric().root()).mul(weight);
            })
            .toList();
    double[] s = Linalg.singularValues(Tensor.concatenate(scaled, 1)).square().toDoubles();
    double expected = Arrays.stream(s).skip(5).sum();

    assertThat(CellFit.fit(targets, shape, LONG.withIterations(0)).total(targets))
        .isCloseTo(expected, within(1e-10));
    assertThat(CellFit.fit(targets, shape, LONG.withIterations(50)).total(targets))
        .isCloseTo(expected, within(1e-10));
  }

  @Test
  void aSharedRightFactorIsTheOptimumInClosedFormInOneMetric() {
    Metric metric = metric(20, 1);
    List<CellTarget> targets =
        List.of(
            new CellTarget(normal(1, 16, 20), metric), new CellTarget(normal(2, 16, 20), metric));
    Tensor stacked =
        Tensor.concatenate(
            targets.stream()
                .map(t -> t.w().matmul(metric.root()).mul(1 / Math.sqrt(metric.energy(t.w()))))
                .toList(),
            0);
    double[] s = Linalg.singularValues(stacked).square().toDoubles();

    FittedCell fitted =
        CellFit.fit(targets, CellShape.pair(16, 20, 5, false, true, BondMatrix.NONE), LONG);

    assertThat(fitted.total(targets)).isCloseTo(Arrays.stream(s).skip(5).sum(), within(1e-8));
  }

  @Test
  void oneBlockIsTheSeparateFit() {
    CellTarget target = new CellTarget(normal(1, 16, 20), metric(20, 1));
    double separate = LowRankFit.fit(target.w(), target.metric(), 5).squaredError();
    for (boolean left : List.of(true, false)) {
      for (BondMatrix bond : BondMatrix.values()) {
        CellShape shape = CellShape.pair(16, 20, 5, left || bond != BondMatrix.NONE, true, bond);
        FittedCell fitted = CellFit.fit(List.of(target), shape, LONG.withIterations(500));
        assertThat(fitted.squaredErrors().getFirst()).isCloseTo(separate, within(1e-9));
      }
    }
    CellShape ring = CellShape.translationInvariant(ring());
    CellTarget square = new CellTarget(normal(1, 36, 24), Metric.identity(24));
    double start =
        square
            .metric()
            .squaredError(
                square.w(), HierarchicalSvd.start(square.w(), square.metric(), ring()).matrix());
    assertThat(CellFit.fit(List.of(square), ring, LONG.withIterations(0)).squaredErrors())
        .first()
        .satisfies(error -> assertThat(error).isCloseTo(start, within(1e-10)));
  }

  @Test
  void aDiagonalContainsTheSeparateFits() {
    Metric metric = metric(20, 1);
    // one matrix three times over in different outputs: equal spectra, so equal ranks are best
    Tensor w = normal(1, 16, 20);
    List<CellTarget> targets =
        List.of(
            new CellTarget(w, metric),
            new CellTarget(Linalg.qr(normal(2, 16, 16)).q().matmul(w), metric));
    double separate = LowRankFit.fit(w, metric, 5).squaredError();

    FittedCell fitted =
        CellFit.fit(
            targets,
            CellShape.pair(16, 20, 10, true, true, BondMatrix.DIAGONAL),
            LONG.withIterations(0));

    assertThat(fitted.squaredErrors().get(0)).isCloseTo(separate, within(1e-10));
    assertThat(fitted.squaredErrors().get(1)).isCloseTo(separate, within(1e-10));
  }

  @Test
  void deadInputsAreNoTrouble() {
    Metric dead = Metric.of(covariance(activations(4, 19, 1)));
    List<CellTarget> targets =
        List.of(new CellTarget(normal(1, 29, 19), dead), new CellTarget(normal(2, 29, 19), dead));
    for (CellShape shape : shapes().toList()) {
      FittedCell fitted = CellFit.fit(targets, shape, LONG.withIterations(30));
      assertThat(fitted.cells().getLast().matrix().isFinite()).isTrue();
      assertThat(fitted.total(targets)).isBetween(0.0, 2.0);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    CellShape shape = CellShape.pair(16, 20, 5, true, true, BondMatrix.FULL);
    FitOptions options = FitOptions.standard();
    assertThatThrownBy(() -> CellFit.fit(List.of(), shape, options)).hasMessageContaining("none");
    assertThatThrownBy(() -> CellFit.fit(targets(16, 19), shape, options))
        .hasMessageContaining("16 x 20");
    assertThatThrownBy(() ->
            CellFit.fit(
                List.of(new CellTarget(normal(1, 16, 20), metric(20, 1), 0)), shape, options))
        .hasMessageContaining("positive");
    assertThatThrownBy(() ->
            CellFit.fit(
                List.of(new CellTarget(Tensor.zeros(DType.F64, 16, 20), metric(20, 1))),
                shape,
                options))
        .hasMessageContaining("nothing to fit");
    assertThatThrownBy(() ->
            CellFit.fit(
                targets(16, 20), CellShape.pair(16, 20, 21, true, true, BondMatrix.FULL), options))
        .hasMessageContaining("at most");
  }
}
