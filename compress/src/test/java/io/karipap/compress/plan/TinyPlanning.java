package io.karipap.compress.plan;

import io.karipap.compress.Progress;
import io.karipap.compress.TinyLlama;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.calibrate.ReferenceModel;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.flow.TruncationPaths;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.WeightsInMemory;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.network.fit.FitOptions;
import io.karipap.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A calibrated model that is small enough to try every allocation of.
 *
 * @param model and the text that it is measured on
 * @param matrices in their metrics
 */
record TinyPlanning(ReferenceModel model, WeightedMatrices matrices) implements AutoCloseable {

  private static final int CONTEXT = 24;

  /** On random text, of which a quarter is held out. */
  static TinyPlanning of(int width, int neurons, boolean tied) {
    Architecture architecture = TinyLlama.architecture(width, neurons, tied);
    Weights weights = TinyLlama.weights(architecture, DType.F32, 2);
    List<TokenSequence> documents = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 64; i++) {
      documents.add(TokenSequence.of(random.ints(CONTEXT, 0, 17).toArray()));
    }
    List<Windows.Window> windows = Windows.cut(documents, CONTEXT);
    CalibrationSplit text =
        new CalibrationSplit(documents, windows.subList(0, 48), windows.subList(48, 64));
    WeightsInMemory source = new WeightsInMemory(architecture, weights);
    Calibration calibration =
        new Calibration(
            text.statistics(new Decoder(architecture, weights), Progress.NONE),
            java.util.Optional.of(text.gradients(source, 1, Progress.NONE)));
    return new TinyPlanning(
        new ReferenceModel(architecture, weights, text), new WeightedMatrices(source, calibration));
  }

  /** Paths whose rings are fitted in few iterations. */
  TruncationPaths paths(Path folder) {
    return new TruncationPaths(
        model,
        matrices,
        FitOptions.standard().withIterations(20),
        new FitCheckpoint(folder),
        Progress.NONE);
  }

  @Override
  public void close() {
    matrices.close();
  }
}
