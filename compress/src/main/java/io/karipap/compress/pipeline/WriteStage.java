package io.karipap.compress.pipeline;

import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.report.CompressionReport;
import io.karipap.compress.report.FinishedCompression;
import io.karipap.compress.store.ArtifactFiles;
import io.karipap.model.gauge.Symmetry;
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
    CompressionReport report =
        new FinishedCompression(
                request,
                context.model(),
                context.text(),
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
    var _ =
        ArtifactFiles.write(request.output(), context.model(), model.weights(), manifest, texts);
    context.directory().delete();
    context.progress().at(1, "");
    return model;
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
