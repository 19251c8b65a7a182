package io.karipap.bench.paper;

import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.Progress;
import io.karipap.compress.store.ArtifactFiles;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.network.Sparse;
import io.karipap.network.quantize.Pruning;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The baseline that drops weights: half of the elements of every matrix in the blocks; embeddings
 * and head are kept, as is usual for pruning.
 *
 * @param digest SHA-256 of the calibration text's file
 * @param wanda by row and with the inputs' magnitudes; otherwise by magnitude in the whole matrix
 */
record PrunedArtifact(PaperOptions inputs, String digest, boolean wanda, Progress progress) {

  private static final double KEPT_SHARE = 0.5;

  /** Writes the artifact. */
  void write(Path folder) {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(inputs.model())) {
      Documents documents = Documents.read(inputs.calibration());
      List<TokenSequence> ids = documents.encode(model.tokenizer());
      int context = model.config().contextLength();
      progress.stage("calibrating", 100);
      try (var seen =
          CalibrationStatistics.collect(
              model.decoder(),
              ids,
              Windows.spread(Windows.cut(ids, context), inputs.calibrationTokens()),
              share -> progress.at(Math.round(100 * share), ""))) {
        Map<String, Factorization> sparse = new LinkedHashMap<>();
        List<MatrixEntry> entries = new ArrayList<>();
        progress.stage("pruning", model.weights().matrices().size());
        for (MatrixSpec name : model.architecture().matrices()) {
          Factorization f = model.weights().matrix(name.name());
          if (name.inBlock()) {
            Sparse kept = pruned(f.matrix(), Metric.of(seen.covariance(name.name())));
            sparse.put(name.name(), kept);
            f = kept;
          }
          entries.add(StoredFactorization.entry(name.name(), f, error(model, name, f, seen)));
          progress.at(entries.size(), name.name());
        }
        CalibrationRecord calibration =
            new CalibrationRecord(
                digest,
                seen.tokens(),
                seen.windows(),
                context,
                String.valueOf(inputs.calibration().getFileName()));
        write(folder, model, model.weights().with(sparse), entries, calibration);
      }
    }
  }

  private Sparse pruned(Tensor w, Metric metric) {
    return wanda ? Pruning.wanda(w, metric, KEPT_SHARE) : Pruning.magnitude(w, KEPT_SHARE);
  }

  private static double error(
      LoadedModel model, MatrixSpec name, Factorization f, CalibrationStatistics seen) {
    if (!(f instanceof Sparse)) {
      return 0;
    }
    try (var _ = new TensorScope()) {
      Tensor w = model.weights().matrix(name.name()).matrix().to(DType.F64);
      return Metric.of(seen.covariance(name.name())).error(w, f.matrix().to(DType.F64));
    }
  }

  private void write(
      Path folder,
      LoadedModel model,
      Weights weights,
      List<MatrixEntry> entries,
      CalibrationRecord calibration) {
    String method = wanda ? "pruned by Wanda to 50 %" : "pruned by magnitude to 50 %";
    var _ =
        ArtifactFiles.write(
            folder,
            model,
            weights,
            new ArtifactManifest(
                ArtifactManifest.VERSION, method, inputs.seed(), calibration, entries, "", 0),
            Map.of(ArtifactFiles.PLAN, "# " + method + "\n"));
  }
}
