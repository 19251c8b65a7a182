package io.karipap.network.fit.site;

import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Metric;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.ShapeChecks;
import io.karipap.network.quantize.Gptq;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rounds the cores of a network one after the other for the error of the whole matrix. With all
 * others fixed, the error is a quadratic form of one core, and its matrix is the metric for {@link
 * Gptq}. The cores that are not rounded yet are then fitted again. Rounding to nearest is tried,
 * too, and the better result is kept.
 */
public final class NetworkRounding {

  private final Tensor w;
  private final Metric metric;
  private final QuantizationScheme scheme;
  private final Gptq feedback;
  private final double ridge;

  private NetworkRounding(
      Tensor w, Metric metric, QuantizationScheme scheme, Gptq feedback, double ridge) {
    this.w = w;
    this.metric = metric;
    this.scheme = scheme;
    this.feedback = feedback;
    this.ridge = ridge;
  }

  /**
   * Rounds a matrix or network that was fitted to w.
   *
   * @param w [m, n]
   * @return a {@link Quantized} and its true error
   * @throws IllegalArgumentException if the sizes do not fit, or the numbers are shared or coded
   *     already
   */
  public static Fitted round(
      Factorization fitted, Tensor w, Metric metric, QuantizationScheme scheme, Gptq feedback) {
    ShapeChecks.require(w, metric, fitted.rows(), fitted.columns());
    Tensor target = w.detach().to(DType.F64);
    var rounding =
        new NetworkRounding(target, metric, scheme, feedback, FitOptions.standard().ridge());
    Factorization wide = fitted.map(core -> core.detach().to(DType.F64));
    Fitted nearest = rounding.measured(RoundToNearest.quantize(wide, scheme));
    Fitted fed =
        switch (wide) {
          case Dense dense ->
              rounding.measured(
                  Quantized.of(dense, List.of(feedback.quantize(dense.matrix(), metric, scheme))));
          case LowRank pair -> rounding.measured(rounding.pair(pair));
          case Pepo pepo -> rounding.measured(rounding.sites(pepo));
          case BlockTensorTrain _ -> nearest;
          case UnitCell _ ->
              throw new IllegalArgumentException("a cell cannot be coded: its tensors are shared");
          case Quantized _, Sum _, Sparse _ ->
              throw new IllegalArgumentException("these numbers are coded already");
        };
    return fed.squaredError() < nearest.squaredError() ? fed : nearest;
  }

  private Fitted measured(Quantized quantized) {
    return new Fitted(quantized, metric.squaredError(w, quantized.matrix()), 1);
  }

  /**
   * With L R made L' R' so that L'^T L' = 1, the error of R' is that of its rows in C alone. Then
   * L' = W C R'^T (R' C R'^T)^-1 is fitted to the rounded R', and rounded in R' C R'^T.
   */
  private Quantized pair(LowRank pair) {
    var qr = Linalg.qr(pair.left());
    var svd = Linalg.svd(qr.r().matmul(pair.right()).matmul(metric.root()));
    // sqrt(s) on both sides evens out the factors' magnitudes, and keeps L'^T L' diagonal
    Tensor weight = svd.s().sqrt().reshape(-1, 1);
    Tensor right =
        weight.mul(svd.vh()).matmul(metric.inverseRoot()).padTo(pair.right().size(0), w.size(1));
    Tensor c = metric.covariance();
    QuantizedTensor r =
        feedback.quantize(right, c, GroupLayout.of(scheme.group(), right.shape()).byRows(), scheme);
    Tensor rounded = r.values().to(DType.F64);
    Tensor half = c.matmul(rounded.transpose());
    Tensor normal = rounded.matmul(half).contiguous();
    Tensor left =
        Linalg.choleskySolve(w.matmul(half).transpose(), SiteSolver.regularCholesky(normal, ridge))
            .transpose()
            .contiguous();
    QuantizedTensor l =
        feedback.quantize(
            left, normal, GroupLayout.of(scheme.group(), left.shape()).byRows(), scheme);
    return Quantized.of(pair, List.of(l, r));
  }

  private Quantized sites(Pepo pepo) {
    List<Tensor> cores = new ArrayList<>(pepo.cores());
    List<QuantizedTensor> rounded = new ArrayList<>();
    int sites = cores.size();
    for (int site = 0; site < sites; site++) {
      for (int open = sites - 1; open >= site; open--) {
        try (var scope = new TensorScope()) {
          cores.set(open, scope.keep(solve(new SiteLayout(pepo.lattice(), open), cores)));
        }
      }
      try (var scope = new TensorScope()) {
        QuantizedTensor tensor = site(new SiteLayout(pepo.lattice(), site), cores);
        tensor.variables().forEach(scope::keep);
        rounded.add(tensor);
        cores.set(site, scope.keep(tensor.values().to(DType.F64)));
      }
    }
    return Quantized.of(pepo, rounded);
  }

  private QuantizedTensor site(SiteLayout layout, List<Tensor> cores) {
    Tensor core = cores.get(layout.site());
    SiteEnvironment environment = SiteEnvironment.of(layout, cores);
    if (!SiteSolver.hasMatrix(environment)) {
      return RoundToNearest.quantize(core, scheme);
    }
    // outputs that are padding weigh less; all are rounded in the metric of the most common ones
    List<Integer> outputs =
        layout.groups().stream().max(Comparator.comparingInt(List::size)).orElseThrow();
    Tensor normal = environment.normal(metric.covariance(), outputs.getFirst()).contiguous();
    return feedback.quantize(
        core, normal, GroupLayout.of(scheme.group(), core.shape()).byRows(), scheme);
  }

  /** One core, fitted to the others as {@link AlternatingLeastSquares} does. */
  private Tensor solve(SiteLayout layout, List<Tensor> cores) {
    SiteEnvironment environment = SiteEnvironment.of(layout, cores);
    Tensor core = cores.get(layout.site());
    Tensor current = core.reshape(layout.outputs(), -1);
    Tensor c = metric.covariance();
    Tensor residual = environment.project(w.sub(environment.expand(current)).matmul(c));
    return current.add(SiteSolver.solve(environment, c, residual, ridge)).reshape(core.shape());
  }
}
