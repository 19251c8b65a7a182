package io.karipap.compress.calibrate;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.Progress;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.CovarianceFolder;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.io.WeightSource;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.Optional;

/**
 * A calibration text cut in two: windows that the metrics are made of, and a tail that only the
 * divergence of the whole model is measured on.
 *
 * @param ids all documents
 * @param calibration windows that the metrics are made of
 * @param heldOut windows of the tail
 */
public record CalibrationSplit(
    List<TokenSequence> ids, List<Windows.Window> calibration, List<Windows.Window> heldOut) {

  private static final double TAIL = 0.08;
  private static final int TAIL_TOKENS = 4096;

  /** Tokens that a probe predicts. */
  public static final int PROBE_TOKENS = 2048;

  /** One in this many calibration tokens is used for gradients, which cost more than inputs. */
  private static final int GRADIENT_PART = 4;

  /** A text of which nothing is held out. */
  public static CalibrationSplit whole(ModelConfig config, List<TokenSequence> ids, int tokens) {
    List<Windows.Window> all = Windows.cut(ids, config.contextLength());
    return new CalibrationSplit(ids, Windows.spread(all, tokens), List.of());
  }

  /**
   * A text of which the tail is held out.
   *
   * @param tokens to calibrate on at most, spread evenly over the text before its tail
   * @throws IllegalArgumentException if the text is too short
   */
  public static CalibrationSplit of(ModelConfig config, List<TokenSequence> ids, int tokens) {
    List<Windows.Window> all = Windows.cut(ids, config.contextLength());
    int tail = (int) Math.max(1, Math.floor(TAIL * all.size()));
    if (all.size() < 2) {
      throw new IllegalArgumentException(
          "the calibration text is too short to hold some of it out: give more text");
    }
    int split = all.size() - tail;
    return new CalibrationSplit(
        ids,
        Windows.spread(all.subList(0, split), tokens),
        Windows.spread(all.subList(split, all.size()), TAIL_TOKENS));
  }

  /**
   * The second moments of the inputs of all layers. Must be called inside a tensor scope.
   *
   * @param folder keeps them, one block's in memory at a time
   */
  public CalibrationStatistics statistics(
      WeightSource source, CovarianceFolder folder, Progress progress) {
    progress.stage("calibrating", 100);
    return CalibrationStatistics.collect(
        source, ids, calibration, folder, share -> progress.at(Math.round(100 * share), ""));
  }

  /** The same of a model in memory. */
  public CalibrationStatistics statistics(Decoder model, Progress progress) {
    progress.stage("calibrating", 100);
    return CalibrationStatistics.collect(
        model, ids, calibration, share -> progress.at(Math.round(100 * share), ""));
  }

  /** The second moments of the gradients at the outputs of all layers; reads the whole model. */
  public GradientStatistics gradients(WeightSource source, long seed, Progress progress) {
    progress.stage("gradients", 100);
    long tokens = calibration.stream().mapToLong(Windows.Window::length).sum() / GRADIENT_PART;
    try (var _ = new TensorScope()) {
      return GradientStatistics.collect(
          new Decoder(source.architecture(), source.all()),
          ids,
          Windows.spread(calibration, (int) Math.max(2, tokens)),
          seed,
          share -> progress.at(Math.round(100 * share), ""));
    }
  }

  /** KL divergence of compressed weights from the original on the held-out text. */
  public double divergence(Architecture architecture, Weights original, Weights weights) {
    try (var _ = new TensorScope()) {
      return Evaluation.of(
              new Decoder(architecture, weights.rebuilt()),
              Optional.of(new Decoder(architecture, original)),
              ids,
              heldOut,
              1,
              _ -> {})
          .comparison()
          .orElseThrow()
          .kl();
    }
  }

  /** A probe on a short part of the calibration text. Its scope must stay open. */
  public SingleMatrixKl probe(Architecture architecture, Weights original, TensorOwner owner) {
    return SingleMatrixKl.of(
        new Decoder(architecture, original), ids, Windows.spread(calibration, PROBE_TOKENS), owner);
  }
}
