package io.karipap.bench.forms;

import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.CellShape.BondMatrix;
import io.karipap.network.Metric;
import io.karipap.network.fit.FitOptions;
import io.karipap.network.fit.cell.BestCell;
import io.karipap.network.fit.cell.CellFit;
import io.karipap.network.fit.cell.CellTarget;
import io.karipap.network.fit.cell.FittedCell;
import io.karipap.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The rows of the table in which consecutive blocks share tensors, at the same total size. */
final class CellRows {

  private CellRows() {}

  /** The label of a shape, for cells of a number of blocks. */
  static String label(CellShape shape, String blocks) {
    String kind;
    if (!shape.isPair()) {
      kind = "ring, bond matrices on all bonds";
    } else if (!shape.shared().get(1)) {
      kind = "shared left factor";
    } else if (!shape.shared().get(0)) {
      kind = "shared right factor";
    } else if (shape.bondMatrices().getFirst() == BondMatrix.FULL) {
      kind = "L lambda_l R";
    } else {
      kind = "L diag(lambda_l) R";
    }
    return "cell of %s: %s".formatted(blocks, kind);
  }

  /** All labels. */
  static List<String> labels(List<String> blocks) {
    List<String> labels = new ArrayList<>();
    for (String count : blocks) {
      BestCell.candidates(64, 64, 2, 2048).forEach(shape -> labels.add(label(shape, count)));
    }
    return labels;
  }

  /** Runs of consecutive blocks of one family, the last one possibly shorter. */
  static List<List<BenchmarkMatrix>> runs(List<BenchmarkMatrix> family, int blocks) {
    TreeMap<Integer, List<BenchmarkMatrix>> runs = new TreeMap<>();
    family.forEach(subject ->
        runs.computeIfAbsent(subject.block() / blocks, _ -> new ArrayList<>()).add(subject));
    return List.copyOf(runs.values());
  }

  /** Fits every kind of cell to a run; tells each matrix's squared error. */
  static void fit(
      List<BenchmarkMatrix> run,
      String blocks,
      double share,
      FormsArguments arguments,
      FormsTable table) {
    long budget = run.stream().mapToLong(subject -> subject.budget(share)).sum();
    List<CellTarget> targets =
        run.stream()
            .map(s -> new CellTarget(s.w().to(DType.F64), Metric.of(s.covariance().orElseThrow())))
            .toList();
    FitOptions options = FitOptions.standard().withIterations(arguments.iterations());
    int m = run.getFirst().w().size(0);
    int n = run.getFirst().w().size(1);
    for (CellShape shape : BestCell.candidates(m, n, run.size(), budget)) {
      FittedCell fitted = CellFit.fit(targets, shape, options);
      for (double error : fitted.squaredErrors()) {
        table.add(label(shape, blocks), run.getFirst().family(), error);
      }
    }
  }
}
