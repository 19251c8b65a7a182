package io.karipap.network.fit.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.network.Metric;
import io.karipap.network.NetworkTest;
import io.karipap.network.Pepo;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.HierarchicalSvd;
import io.karipap.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlternatingLeastSquaresTest extends NetworkTest {

  @Test
  void recoversAnOperatorThatIsANetworkOnTheSameGrid() {
    Lattice lattice = ring();
    Tensor w = random(lattice, 21).matrix();

    Fitted fitted =
        AlternatingLeastSquares.fit(
            w, Metric.identity(24), lattice, new FitOptions(1000, 1e-13, 1e-13, 3, 5));

    assertThat(Math.sqrt(fitted.squaredError())).isLessThan(1e-10);
  }

  @Test
  void recoversAnOperatorOnAGridWithSharedLoops() {
    Lattice grid =
        lattice(
            2,
            3,
            List.of(2, 2, 2, 2, 2, 2),
            List.of(2, 2, 2, 2, 2, 2),
            List.of(2, 2, 2, 2),
            List.of(2, 2, 2));
    Tensor w = random(grid, 23).matrix(); // others have a local minimum near the start

    Fitted fitted =
        AlternatingLeastSquares.fit(
            w, Metric.identity(64), grid, new FitOptions(400, 1e-13, 1e-13, 0, 5));

    assertThat(Math.sqrt(fitted.squaredError())).isLessThan(1e-10);
  }

  @Test
  void neverRaisesTheError() {
    Lattice lattice = paddedRing();
    Tensor w = normal(3, 29, 19);
    Metric metric = Metric.of(covariance(activations(100, 19, 1)));
    FitOptions oneSweep = new FitOptions(1, 0, 1e-12, 0, 1);
    Pepo pepo = HierarchicalSvd.start(w, metric, lattice);
    double error = metric.squaredError(w, pepo.matrix());
    for (int sweep = 0; sweep < 15; sweep++) {
      Fitted next = AlternatingLeastSquares.from(pepo, w, metric, oneSweep);
      assertThat(next.squaredError()).isLessThanOrEqualTo(error * (1 + 1e-12));
      error = next.squaredError();
      pepo = (Pepo) next.factorization();
    }
  }

  @Test
  void solvesEverySiteToAStationaryPointWithPaddingAndMetric() {
    Lattice lattice = paddedRing();
    Tensor w = normal(3, 29, 19);
    Metric metric = Metric.of(covariance(activations(100, 19, 1)));
    Pepo pepo = random(lattice, 4);
    SiteEnvironment environment = SiteEnvironment.of(new SiteLayout(lattice, 2), pepo.cores());
    Tensor right = environment.project(w.matmul(metric.covariance()));

    Tensor core = SiteSolver.byCholesky(environment, metric.covariance(), right, 0);

    Tensor gradient =
        environment.project(environment.expand(core).sub(w).matmul(metric.covariance()));
    assertThat(gradient.norm().item()).isLessThan(1e-8 * right.norm().item());
  }

  @Test
  void solvesTheSameEquationsByConjugateGradients() {
    Lattice lattice = ring();
    Pepo pepo = random(lattice, 4);
    Tensor one = Metric.identity(24).covariance();
    SiteEnvironment environment = SiteEnvironment.of(new SiteLayout(lattice, 1), pepo.cores());
    Tensor right = environment.project(normal(3, 36, 24));

    Tensor exact = SiteSolver.byCholesky(environment, one, right, 0);
    Tensor iterated = SiteSolver.byConjugateGradients(environment, one, right);

    assertThat(distance(iterated, exact)).isLessThan(1e-8);
  }

  @Test
  void seesTheOperatorAsLinearInEverySite() {
    for (Lattice lattice :
        List.of(
            paddedRing(),
            lattice(1, 2, List.of(3, 2), List.of(2, 3), List.of(4), List.of()),
            lattice(1, 1, List.of(3), List.of(2), List.of(), List.of()))) {
      Pepo pepo = random(lattice, 4);
      for (int site = 0; site < lattice.sites(); site++) {
        SiteLayout layout = new SiteLayout(lattice, site);
        Tensor v =
            SiteEnvironment.of(layout, pepo.cores())
                .expand(pepo.cores().get(site).reshape(layout.outputs(), -1));
        assertThat(distance(v, pepo.matrix())).isLessThan(1e-12);
      }
    }
  }
}
