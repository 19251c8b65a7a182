package io.karipap.compress.calibrate;

import io.karipap.compress.Progress;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import java.util.List;

/** Statistics of the inputs of a model's layers on a text. */
public final class Calibration {

  private Calibration() {}

  /**
   * The second moments of the inputs of all layers on a text.
   *
   * @param weights of the model, in any form that gives its logits
   * @param limit tokens to use at most, spread evenly over the text
   */
  public static CalibrationStatistics inputs(
      LoadedModel model, Weights weights, Documents documents, int limit, Progress progress) {
    progress.stage("calibrating", 100);
    List<TokenSequence> ids = documents.encode(model.tokenizer());
    List<Windows.Window> windows =
        Windows.spread(Windows.cut(ids, model.config().contextLength()), limit);
    return CalibrationStatistics.collect(
        new Decoder(model.config(), weights),
        ids,
        windows,
        share -> progress.at(Math.round(100 * share), ""));
  }
}
