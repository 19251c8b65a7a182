package io.karipap.compress;

import io.karipap.model.arch.Decoder;
import io.karipap.model.evaluate.Evaluation;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.Windows;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Short ways to ask for a compression of the models that tests share. */
public final class SharedTexts {

  public static final Path TINY1M = SharedFiles.TINY1M;
  public static final Path STORIES = SharedFiles.STORIES;
  public static final Path CALIBRATION = SharedFiles.CALIBRATION;

  private SharedTexts() {}

  /** A compression on 4096 tokens with fits that converge. */
  public static CompressionRequest request(
      Path model, Path output, double parameters, FactorizationKind form) {
    return request(model, output, parameters, form, FitSettings.ITERATIONS);
  }

  /** A compression on 4096 tokens. */
  public static CompressionRequest request(
      Path model, Path output, double parameters, FactorizationKind form, int iterations) {
    return new CompressionRequest(
        model,
        output,
        new CalibrationText(CALIBRATION, 4096),
        AllocationSettings.uniform(parameters),
        new FitSettings(form, Optional.empty(), iterations, 0),
        Optional.of(Set.of()),
        new RunSettings(0, 1, false));
  }

  /** KL divergence of a compressed model from its original on 4096 tokens of held-out stories. */
  public static double divergence(Path teacher, Path model) {
    try (var _ = new TensorScope();
        var compressed = LoadedModel.open(model);
        var original = LoadedModel.open(teacher)) {
      var ids =
          Documents.read(SharedFiles.data("tinystories/valid.txt")).encode(original.tokenizer());
      return Evaluation.of(
              new Decoder(compressed.architecture(), compressed.weights().rebuilt()),
              Optional.of(new Decoder(original.architecture(), original.weights())),
              ids,
              Windows.spread(Windows.cut(ids, original.config().contextLength()), 4096),
              1,
              _ -> {})
          .comparison()
          .orElseThrow()
          .kl();
    }
  }

  /** Writes a plan of all matrices of {@link #STORIES} in one form and number format. */
  public static Path recipe(Path file, String form, String numbers) throws IOException {
    return recipe(STORIES, file, form, numbers);
  }

  /** Writes a plan of all matrices of a model in one form and number format. */
  public static Path recipe(Path model, Path file, String form, String numbers) throws IOException {
    try (var original = LoadedModel.open(model)) {
      List<Plan.Entry> entries =
          original.weights().matrices().entrySet().stream()
              .map(m -> new Plan.Entry(m.getKey(), form, m.getValue().parameters(), numbers))
              .toList();
      return Files.writeString(file, new Plan(1, entries).toYaml());
    }
  }

  /** A compression of {@link #STORIES} by a plan. */
  public static CompressionRequest following(Path recipe, Path output) {
    return following(STORIES, recipe, output);
  }

  /** A compression of a model by a plan. */
  public static CompressionRequest following(Path model, Path recipe, Path output) {
    return new CompressionRequest(
        model,
        output,
        new CalibrationText(CALIBRATION, 4096),
        new AllocationSettings(
            Budget.share(CostUnit.PARAMETERS, 1),
            Optional.of(recipe),
            Optional.empty(),
            Optional.empty()),
        new FitSettings(FactorizationKind.AUTO, Optional.empty(), 10, 0),
        Optional.of(Set.of()),
        new RunSettings(0, 1, false));
  }
}
