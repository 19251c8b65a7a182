package io.karipap.compress.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.Budget;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Plan;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.SiteGrid;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.OriginalModel;
import io.karipap.model.text.Documents;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDescriptionTest {

  private static final CompressionRequest BASE =
      new CompressionRequest(
          SharedFiles.STORIES,
          Path.of("out"),
          new CalibrationText(SharedFiles.CALIBRATION, 4096),
          AllocationSettings.uniform(0.5),
          new FitSettings(FactorizationKind.AUTO, Optional.empty(), 20, 0),
          Optional.of(Set.of()),
          new RunSettings(1000, 1, false));

  @TempDir Path folder;

  private static String describe(CompressionRequest request) {
    return describe(request, request.model(), Documents.read(request.calibration().file()));
  }

  private static String describe(CompressionRequest request, Path model, Documents documents) {
    try (var original = OriginalModel.open(model, Architectures.standard())) {
      return RunDescription.of(request, original, documents);
    }
  }

  private static CompressionRequest with(FitSettings fit) {
    return new CompressionRequest(
        BASE.model(),
        BASE.output(),
        BASE.calibration(),
        BASE.allocation(),
        fit,
        BASE.gauge(),
        BASE.run());
  }

  private static CompressionRequest with(RunSettings run) {
    return new CompressionRequest(
        BASE.model(),
        BASE.output(),
        BASE.calibration(),
        BASE.allocation(),
        BASE.fit(),
        BASE.gauge(),
        run);
  }

  private static CompressionRequest calibratedOn(int tokens) {
    return new CompressionRequest(
        BASE.model(),
        BASE.output(),
        new CalibrationText(SharedFiles.CALIBRATION, tokens),
        BASE.allocation(),
        BASE.fit(),
        BASE.gauge(),
        BASE.run());
  }

  /** One setting changed in each. */
  private Map<String, CompressionRequest> changed() throws IOException {
    Map<String, CompressionRequest> all = new LinkedHashMap<>();
    Optional<SiteGrid> none = Optional.empty();
    all.put("tokens", calibratedOn(4097));
    all.put("form", with(new FitSettings(FactorizationKind.LOWRANK, none, 20, 0)));
    all.put("iterations", with(new FitSettings(FactorizationKind.AUTO, none, 21, 0)));
    all.put("cells", with(new FitSettings(FactorizationKind.AUTO, none, 20, 2)));
    for (SiteGrid grid : List.of(new SiteGrid(2, 2), new SiteGrid(2, 3))) {
      all.put(
          "grid " + grid, with(new FitSettings(FactorizationKind.PEPO, Optional.of(grid), 20, 0)));
    }
    all.put("heal", with(new RunSettings(1001, 1, false)));
    all.put("seed", with(new RunSettings(1000, 2, false)));
    all.put("any gauge", BASE.withGauge(Optional.empty()));
    all.put("gauge", BASE.withGauge(Optional.of(Set.of(Symmetry.VALUES))));
    all.put("share", BASE.withBudget(Budget.share(CostUnit.PARAMETERS, 0.51)));
    all.put("bytes", BASE.withBudget(Budget.share(CostUnit.BYTES, 0.5)));
    all.put("absolute", BASE.withBudget(Budget.units(CostUnit.BYTES, 0.5)));
    all.put("flow", BASE.withFlow(BondFlowSettings.unbounded()));
    all.put("max-kl", BASE.withFlow(new BondFlowSettings(0.1)));
    all.put("int4", BASE.withQuantization(QuantizationScheme.of("int4", 64)));
    all.put("int3", BASE.withQuantization(QuantizationScheme.of("int3", 64)));
    all.put("group", BASE.withQuantization(QuantizationScheme.of("int4", 32)));
    QuantizationScheme wide =
        new QuantizationScheme(ScalarFormat.of("int4"), 64, ScaleType.BF16, true);
    all.put("scales", BASE.withQuantization(wide));
    all.put("range", BASE.withQuantization(QuantizationScheme.of("int4", 64).fullRange()));
    Path dense = SharedTexts.recipe(folder.resolve("dense.yaml"), "dense", Plan.Entry.PLAIN);
    Path pairs = SharedTexts.recipe(folder.resolve("pairs.yaml"), "lowrank", Plan.Entry.PLAIN);
    for (Path recipe : List.of(dense, pairs)) {
      all.put(
          "recipe " + recipe.getFileName(),
          new CompressionRequest(
              BASE.model(),
              BASE.output(),
              BASE.calibration(),
              new AllocationSettings(
                  BASE.allocation().budget(),
                  Optional.of(recipe),
                  Optional.empty(),
                  Optional.empty()),
              BASE.fit(),
              BASE.gauge(),
              BASE.run()));
    }
    return all;
  }

  @Test
  void everySettingThatChangesAResultChangesTheDescription() throws IOException {
    Set<String> descriptions = new HashSet<>(Set.of(describe(BASE)));
    for (var other : changed().entrySet()) {
      assertThat(descriptions.add(describe(other.getValue()))).as(other.getKey()).isTrue();
    }
  }

  /** Where the result goes, who asked, and whether it goes on, make no other result. */
  @Test
  void whatChangesNoResultIsNotDescribed() {
    CompressionRequest elsewhere =
        new CompressionRequest(
            BASE.model(),
            folder.resolve("elsewhere"),
            BASE.calibration(),
            BASE.allocation(),
            BASE.fit(),
            BASE.gauge(),
            new RunSettings(1000, 1, true).withCommand("karipap compress"));
    assertThat(describe(elsewhere)).isEqualTo(describe(BASE));
  }

  /** The same text and the same model under other names are the same; a changed byte is not. */
  @Test
  void textAndModelCountByTheirContent() throws IOException {
    Documents documents = Documents.read(SharedFiles.CALIBRATION);
    Path copy = SharedFiles.copy(SharedFiles.STORIES, folder.resolve("copy"));
    String text = Files.readString(SharedFiles.CALIBRATION);
    Path sameText = Files.writeString(folder.resolve("same.txt"), text);
    Path otherText = Files.writeString(folder.resolve("other.txt"), text + "!");
    String description = describe(BASE);
    assertThat(describe(BASE, copy, Documents.read(sameText))).isEqualTo(description);
    assertThat(describe(BASE, SharedFiles.STORIES, Documents.read(otherText)))
        .isNotEqualTo(description);

    Path weights = copy.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    assertThat(describe(BASE, copy, documents)).isNotEqualTo(description);
  }
}
