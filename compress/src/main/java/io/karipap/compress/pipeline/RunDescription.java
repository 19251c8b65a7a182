package io.karipap.compress.pipeline;

import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.Budget;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.store.Digest;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.OriginalModel;
import io.karipap.model.text.Documents;
import io.karipap.network.quantize.QuantizationScheme;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything that the result of a run depends on, one named field a line: a run is resumed only
 * when this is the same. The names are stable, whatever the classes are called.
 */
final class RunDescription {

  private static final String NONE = "-";

  private RunDescription() {}

  static String of(CompressionRequest request, OriginalModel model, Documents documents) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("calibration-sha256", Digest.of(documents.texts()));
    fields.put("model-sha256", Digest.ofModel(model.folder()));
    fields.put("calibration-tokens", request.calibration().tokens());
    fields.put("form", request.fit().form().label());
    fields.put("grid", request.fit().grid().map(RunDescription::grid).orElse(NONE));
    fields.put("iterations", request.fit().iterations());
    fields.put("cells", request.fit().cells());
    fields.put("heal-tokens", request.run().healTokens());
    fields.put("seed", request.run().seed());
    fields.put(
        "gauge", request.gauge().map(s -> String.join(",", Symmetry.labels(s))).orElse("auto"));
    fields.put("budget", budget(request.allocation().budget()));
    fields.put(
        "max-kl",
        request
            .allocation()
            .planning()
            .map(BondFlowSettings::maxKl)
            .map(String::valueOf)
            .orElse(NONE));
    fields.put(
        "numbers", request.allocation().quantization().map(RunDescription::numbers).orElse(NONE));
    request.allocation().coding().ifPresent(coding -> fields.put("coding", coding.label()));
    if (request.allocation().planning().isEmpty()) {
      fields.put(
          "plan",
          "\n" + Allocators.plan(request, model, request.gauge().orElse(Set.of())).toYaml());
    }
    return fields.entrySet().stream()
        .map(field -> field.getKey() + ": " + field.getValue())
        .collect(Collectors.joining("\n"));
  }

  private static String grid(SiteGrid grid) {
    return grid.rows() + "x" + grid.columns();
  }

  private static String budget(Budget budget) {
    return "%s %s %s"
        .formatted(
            budget.amount(), budget.relative() ? "of the" : "absolute", budget.unit().label());
  }

  private static String numbers(QuantizationScheme scheme) {
    return "%s/%d %s %s"
        .formatted(
            scheme.format().label(),
            scheme.group(),
            scheme.scaleType(),
            scheme.search() ? "searched" : "full range");
  }
}
