package io.karipap.compress.pipeline;

import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.heal.Healing;
import io.karipap.compress.report.CompressionReport;
import io.karipap.compress.report.EvaluationText;
import io.karipap.compress.report.FinishedCompression;
import io.karipap.compress.report.RunParameters;
import io.karipap.compress.store.ArtifactFiles;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import java.util.List;
import java.util.SequencedMap;

/** Writes the artifact: weights, manifest, plan and report. */
final class WriteStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    CompressionRequest request = context.request();
    var allocation = model.allocation();
    ArtifactManifest manifest =
        new ArtifactManifest(
            ArtifactManifest.VERSION,
            method(request),
            request.run().seed(),
            context.calibrationRecord(),
            Symmetry.labels(model.prepared().symmetries()),
            model.entries(),
            "",
            0);
    try (var original = context.model().loaded()) { // its report measures both as a whole
      CompressionReport report =
          new FinishedCompression(
                  request,
                  original,
                  heldOut(context),
                  model.weights(),
                  manifest,
                  model.prepared().trials(),
                  allocation.trace(),
                  context.seconds())
              .report(context.progress());
      context.progress().stage("writing", 1);
      SequencedMap<String, String> texts = report.files();
      texts.put(ArtifactFiles.PLAN, allocation.plan().toYaml());
      allocation.trace().ifPresent(trace -> texts.put(ArtifactFiles.TRACE, trace.toJson()));
      var _ = ArtifactFiles.write(request.output(), original, model.weights(), manifest, texts);
    }
    context.directory().delete();
    context.progress().at(1, "");
    return model;
  }

  /** Text from the end of the calibration text that neither fits nor healing have used. */
  private static EvaluationText heldOut(RunContext context) {
    CalibrationSplit text = context.text();
    CompressionRequest request = context.request();
    int longest = context.model().config().contextLength();
    long healed = request.run().healTokens();
    // of a healing in two halves, the first holds out as little as the second
    List<Window> candidates =
        healed > 0
            ? Healing.heldOut(text.ids(), longest, healed / 2)
            : Windows.cut(text.ids(), longest);
    return EvaluationText.of(
        String.valueOf(request.calibration().file().getFileName()),
        text.ids(),
        candidates,
        text.calibration(),
        EvaluationText.tokens(
            context.model().weights().parameters(),
            request.calibration().tokens() + RunParameters.HEALING_COST * healed));
  }

  private static String method(CompressionRequest request) {
    String planned =
        request.allocation().budget().unit() == CostUnit.PARAMETERS
            ? ""
            : ", planned for a budget of " + request.allocation().budget().unit().label();
    String healed =
        request.run().healTokens() > 0
            ? ", healed by distillation on %d tokens".formatted(request.run().healTokens())
            : "";
    String coded =
        request
            .allocation()
            .quantization()
            .map(scheme ->
                ", coded as %s in groups of %d".formatted(scheme.format().label(), scheme.group()))
            .orElse("");
    return "%s, fitted to activations%s%s%s"
        .formatted(request.fit().form().label(), planned, healed, coded);
  }
}
