package io.karipap.compress.pipeline;

import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.flow.AllocationTrace;
import io.karipap.compress.report.CompressionReport;
import io.karipap.compress.store.ArtifactFiles;
import io.karipap.model.gauge.Symmetry;

/** Writes the artifact: weights, manifest, plan and report. */
final class WriteStage implements Stage {

  @Override
  public WorkingModel run(RunContext context, WorkingModel model) {
    CompressionRequest request = context.request();
    var allocation = model.allocation();
    context.progress().stage("writing", 1);
    ArtifactManifest manifest =
        new ArtifactManifest(
            ArtifactManifest.VERSION,
            method(request),
            request.seed(),
            context.calibrationRecord(),
            Symmetry.labels(model.prepared().symmetries()),
            model.entries(),
            "",
            0);
    var _ =
        ArtifactFiles.write(
            request.output(),
            context.model(),
            model.weights(),
            manifest,
            allocation.plan().toYaml(),
            CompressionReport.html(
                context.model(), model.entries(), model.prepared().trials(), allocation.trace()),
            allocation.trace().map(AllocationTrace::toJson));
    context.directory().delete();
    context.progress().at(1, "");
    return model;
  }

  private static String method(CompressionRequest request) {
    String planned =
        request.budget().unit() == CostUnit.PARAMETERS
            ? ""
            : ", planned for a budget of " + request.budget().unit().label();
    String healed =
        request.healTokens() > 0
            ? ", healed by distillation on %d tokens".formatted(request.healTokens())
            : "";
    String coded =
        request
            .quantise()
            .map(scheme ->
                ", coded as %s in groups of %d".formatted(scheme.format().label(), scheme.group()))
            .orElse("");
    return "%s, fitted to activations%s%s%s"
        .formatted(request.form().label(), planned, healed, coded);
  }
}
