package io.karipap.compress.profile;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.checkpoint.form.LatticeCut;
import io.karipap.compress.Progress;
import io.karipap.compress.SiteGrid;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows.Window;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.fit.Fitted;
import io.karipap.network.fit.LatticeSearch;
import io.karipap.network.fit.LowRankFit;
import io.karipap.network.lattice.OperatorSchmidt;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Profiles the matrices of a model, one after the other.
 *
 * @param inputs C of every matrix
 * @param outputs G of every matrix
 * @param heldOut windows to measure divergences on
 */
record Profiler(
    Decoder model,
    CalibrationStatistics inputs,
    GradientStatistics outputs,
    List<TokenSequence> documents,
    List<Window> heldOut,
    SiteGrid grid) {

  /** All matrices of the blocks. */
  List<MatrixProfile> all(Progress progress) {
    List<MatrixSpec> names =
        model.architecture().matrices().stream().filter(MatrixSpec::inBlock).toList();
    progress.stage("matrices", names.size());
    List<MatrixProfile> done = new ArrayList<>();
    for (MatrixSpec name : names) {
      try (var _ = new TensorScope()) {
        done.add(one(name));
      }
      progress.at(done.size(), name.name());
    }
    return done;
  }

  private MatrixProfile one(MatrixSpec name) {
    Tensor w = model.weights().matrix(name.name()).matrix().to(DType.F64);
    Metric metric = Metric.of(inputs.covariance(name.name()));
    Tensor weighted = w.matmul(metric.symmetricRoot());
    // the lattice that compression would try first at that size
    Optional<Lattice> lattice =
        LatticeSearch.candidates(w.size(0), w.size(1), grid.rows(), grid.columns(), budget(name))
            .stream()
            .findFirst();
    OperatorSchmidt spectrum = OperatorSchmidt.ofRowsAndColumns(weighted);
    return new MatrixProfile(
        name,
        lattice.map(Lattice::outputs).orElse(List.of()),
        lattice.map(Lattice::inputs).orElse(List.of()),
        entanglement(w, OperatorSchmidt.ofRowsAndColumns(w), lattice),
        entanglement(weighted, spectrum, lattice),
        spectrum.rank(Profile.ERROR),
        sensitivity(name, w, metric));
  }

  private static long budget(MatrixSpec name) {
    return (long) (Profile.SHARE * name.elements());
  }

  private static List<Entanglement> entanglement(
      Tensor w, OperatorSchmidt rowsAndColumns, Optional<Lattice> lattice) {
    List<Entanglement> all = new ArrayList<>();
    all.add(Entanglement.of("rows|columns", rowsAndColumns));
    lattice.ifPresent(grid -> {
      for (LatticeCut cut : LatticeCut.of(grid)) {
        all.add(Entanglement.of(cut.name(), OperatorSchmidt.of(w, grid, cut)));
      }
    });
    return all;
  }

  private Sensitivity sensitivity(MatrixSpec name, Tensor w, Metric metric) {
    int rank = (int) Math.max(1, budget(name) / (w.size(0) + w.size(1)));
    Fitted fitted = LowRankFit.fit(w, metric, rank);
    Tensor d = w.sub(fitted.factorization().matrix());
    Tensor g = outputs.outputGradient(name.name());
    // tr(G D C D^T) / 2
    double estimated = g.matmul(d).matmul(metric.covariance()).mul(d).sum().item() / 2;
    double scale = g.diagonal().mean().item() * metric.energy(w) / 2;
    return new Sensitivity(
        rank, fitted.squaredError(), estimated, scale, measured(name, fitted.factorization()));
  }

  /** KL divergence of the model with one matrix replaced, in nats per token. */
  private double measured(MatrixSpec name, Factorization replacement) {
    Decoder changed = model.with(Map.of(name.name(), replacement.to(DType.F32)));
    return Evaluation.of(changed, Optional.of(model), documents, heldOut, 1, _ -> {})
        .comparison()
        .orElseThrow()
        .kl();
  }
}
