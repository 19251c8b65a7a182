package io.karipap.compress.profile;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.Progress;
import io.karipap.compress.progress.LoggedProgress;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.family.Architectures;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.TensorScope;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The entanglement profile of a model: how well each matrix compresses, and how much the model
 * depends on it.
 *
 * @param model name of its folder
 * @param matrices all matrices of the blocks, in the order of the forward pass
 * @param calibrationTokens tokens that C and G were collected on
 * @param tokens held-out tokens that divergences were measured on
 * @param seconds that it took
 */
public record Profile(
    String model,
    List<MatrixProfile> matrices,
    long calibrationTokens,
    long tokens,
    double seconds) {

  /** Share of a matrix's parameters that its low-rank approximation may have. */
  public static final double SHARE = 0.3;

  /** Largest squared error in the metric for {@link MatrixProfile#rank}. */
  public static final double ERROR = 0.1;

  /** One in this many windows is held out, from the end of the text. */
  private static final int HELD_OUT = 5;

  /** Copies the list. */
  public Profile {
    matrices = List.copyOf(matrices);
  }

  /**
   * Profiles a model.
   *
   * @param architectures the families that it may be of
   * @throws CheckpointException if an input is bad
   */
  public static Profile of(ProfileRequest request, Architectures architectures, Progress progress) {
    Progress stages = LoggedProgress.of(progress);
    long start = System.nanoTime();
    try (var _ = new TensorScope();
        var model = LoadedModel.open(request.model(), architectures)) {
      if (model.manifest().isPresent()) {
        throw new CheckpointException(
            request.model() + " is compressed already: profile its original instead");
      }
      List<TokenSequence> documents =
          Documents.read(request.calibration()).encode(model.tokenizer());
      List<Window> all = Windows.cut(documents, model.config().contextLength());
      if (all.size() < 2) {
        throw new CheckpointException(
            "the text %s fills only %d of the 2 windows of %d tokens that a profile needs, one of them held out: give a longer text"
                .formatted(request.calibration(), all.size(), model.config().contextLength()));
      }
      int first = all.size() - Math.max(1, all.size() / HELD_OUT);
      List<Window> windows = Windows.spread(all.subList(0, first), request.calibrationTokens());
      List<Window> heldOut = Windows.spread(all.subList(first, all.size()), request.tokens());
      var decoder = model.decoder();
      stages.stage("inputs", 100);
      try (var inputs =
          CalibrationStatistics.collect(decoder, documents, windows, percent(stages))) {
        stages.stage("gradients", 100);
        try (var outputs =
            GradientStatistics.collect(
                decoder, documents, windows, request.seed(), percent(stages))) {
          Profiler profiler =
              new Profiler(decoder, inputs, outputs, documents, heldOut, request.grid());
          List<MatrixProfile> matrices = profiler.all(stages);
          return new Profile(
              String.valueOf(request.model().toAbsolutePath().normalize().getFileName()),
              matrices,
              inputs.tokens(),
              heldOut.stream().mapToLong(w -> w.length() - 1L).sum(),
              (System.nanoTime() - start) * 1e-9);
        }
      }
    }
  }

  private static java.util.function.DoubleConsumer percent(Progress progress) {
    return share -> progress.at(Math.round(100 * share), "");
  }

  /** Spearman's rank correlation over the matrices of a figure with the measured divergence. */
  public double rankCorrelation(ToDoubleFunction<Sensitivity> figure) {
    List<Sensitivity> all = matrices.stream().map(MatrixProfile::sensitivity).toList();
    return RankCorrelation.of(
        all.stream().mapToDouble(figure).toArray(),
        all.stream().mapToDouble(Sensitivity::measured).toArray());
  }
}
