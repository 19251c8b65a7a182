package io.karipap.compress.gauge;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.GaugeResult;
import io.karipap.compress.Progress;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.progress.LoggedProgress;
import io.karipap.model.arch.Decoder;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.GaugeChoice;
import io.karipap.model.gauge.NormFolding;
import io.karipap.model.gauge.OrdinaryModel;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.ModelWriter;
import io.karipap.model.io.OriginalModel;
import io.karipap.model.io.WeightSource;
import io.karipap.model.text.Documents;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Writes a model in the basis that it would be compressed in, as an ordinary model's folder. */
public final class GaugeExport {

  private GaugeExport() {}

  /**
   * Calibrates, changes the basis and writes; the logits stay as they are.
   *
   * @param model folder in Hugging Face layout
   * @param architectures the families that it may be of
   * @param calibration UTF-8 text that the basis is chosen on
   * @param symmetries that it is chosen from; all that the model has if empty
   * @param calibrationTokens tokens of the text to use at most
   * @param output must not exist, or be empty
   * @throws CheckpointException if an input is bad or the output cannot be written
   */
  public static GaugeResult run(
      Path model,
      Architectures architectures,
      Path calibration,
      Optional<Set<Symmetry>> symmetries,
      int calibrationTokens,
      Path output,
      Progress progress) {
    try (var _ = new TensorScope();
        var original = OriginalModel.open(model, architectures)) {
      Set<Symmetry> chosen = symmetries.orElse(Symmetry.of(original.architecture()));
      WeightSource folded = NormFolding.fold(original.weights());
      Documents documents = Documents.read(calibration);
      try (var statistics =
          CalibrationSplit.whole(
                  original.config(), documents.encode(original.tokenizer()), calibrationTokens)
              .statistics(
                  new Decoder(original.architecture(), folded.all()),
                  LoggedProgress.of(progress))) {
        WeightSource gauged = new GaugeChoice(folded, statistics).of(chosen).apply(folded);
        OrdinaryModel ordinary = OrdinaryModel.of(original.architecture(), gauged.all());
        ModelWriter.write(output, ordinary.architecture(), ordinary.weights(), original.folder());
        return new GaugeResult(
            chosen,
            original.weights().parameters(),
            ordinary.weights().parameters(),
            original.config().tiedEmbeddings()
                && !ordinary.architecture().config().tiedEmbeddings());
      }
    }
  }
}
