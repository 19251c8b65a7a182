package io.karipap.compress;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.model.CalibrationStatistics;
import io.karipap.model.Decoder;
import io.karipap.model.Evaluation;
import io.karipap.model.GradientStatistics;
import io.karipap.model.LoadedModel;
import io.karipap.model.Probe;
import io.karipap.model.TokenSequence;
import io.karipap.model.Weights;
import io.karipap.model.Windows;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.Optional;

/**
 * The calibration text of a flow, cut in two: what the metrics are made of, and a tail that only
 * the divergence of the whole model is measured on.
 *
 * @param ids all documents
 * @param calibration windows that the metrics are made of
 * @param heldOut windows of the tail
 */
record FlowData(
    List<TokenSequence> ids, List<Windows.Window> calibration, List<Windows.Window> heldOut) {

  private static final double TAIL = 0.08;
  private static final int TAIL_TOKENS = 4096;

  /** Tokens that a probe predicts. */
  static final int PROBE_TOKENS = 2048;

  /** Part of the calibration tokens that gradients are collected on: they cost more than inputs. */
  private static final int GRADIENT_PART = 4;

  static FlowData of(LoadedModel model, List<TokenSequence> ids, int tokens) {
    List<Windows.Window> all = Windows.cut(ids, model.config().contextLength());
    int tail = (int) Math.max(1, Math.floor(TAIL * all.size()));
    if (all.size() < 2) {
      throw new IllegalArgumentException(
          "the calibration text is too short to hold some of it out: give more text");
    }
    int split = all.size() - tail;
    return new FlowData(
        ids,
        Windows.spread(all.subList(0, split), tokens),
        Windows.spread(all.subList(split, all.size()), TAIL_TOKENS));
  }

  CalibrationStatistics statistics(ModelConfig config, Weights weights, Progress progress) {
    progress.stage("calibrating", 100);
    return CalibrationStatistics.collect(
        new Decoder(config, weights),
        ids,
        calibration,
        share -> progress.at(Math.round(100 * share), ""));
  }

  GradientStatistics gradients(ModelConfig config, Weights weights, long seed, Progress progress) {
    progress.stage("gradients", 100);
    long tokens = calibration.stream().mapToLong(Windows.Window::length).sum() / GRADIENT_PART;
    return GradientStatistics.collect(
        new Decoder(config, weights),
        ids,
        Windows.spread(calibration, (int) Math.max(2, tokens)),
        seed,
        share -> progress.at(Math.round(100 * share), ""));
  }

  /** KL divergence of compressed weights from the original on the held-out text. */
  double divergence(ModelConfig config, Weights original, Weights weights) {
    try (var _ = new TensorScope()) {
      return Evaluation.of(
              new Decoder(config, weights.rebuilt()),
              Optional.of(new Decoder(config, original)),
              ids,
              heldOut,
              1,
              _ -> {})
          .comparison()
          .orElseThrow()
          .kl();
    }
  }

  /** A probe on a little of the calibration text. Its scope must stay open. */
  Probe probe(ModelConfig config, Weights original, TensorOwner owner) {
    return Probe.of(
        new Decoder(config, original), ids, Windows.spread(calibration, PROBE_TOKENS), owner);
  }
}
