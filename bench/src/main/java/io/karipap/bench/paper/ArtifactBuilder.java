package io.karipap.bench.paper;

import io.karipap.Karipap;
import io.karipap.bench.paper.Recipe.Coded;
import io.karipap.bench.paper.Recipe.Compressed;
import io.karipap.bench.paper.Recipe.Half;
import io.karipap.bench.paper.Recipe.Healed;
import io.karipap.bench.paper.Recipe.Original;
import io.karipap.bench.paper.Recipe.Pruned;
import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.artifact.Artifact;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes artifacts, each once. Beside an artifact {@code SLUG} lies {@code SLUG.begun}, which says
 * what it depends on, and, when it is finished, {@code SLUG.made}, which says the same: a run that
 * was killed continues within a fit or a distillation.
 */
final class ArtifactBuilder {

  private final PaperOptions inputs;
  private final PaperOptions.Keys keys;
  private final Progress progress;

  ArtifactBuilder(PaperOptions.Keys keys, Progress progress) {
    this.inputs = keys.inputs();
    this.keys = keys;
    this.progress = progress;
  }

  /** The folder of a recipe's artifact, which is made if it is not there. */
  Path make(Recipe recipe) {
    if (recipe instanceof Original) {
      return inputs.model();
    }
    Path folder = folder(recipe);
    Path made = beside(folder, ".made");
    Path begun = beside(folder, ".begun");
    String key = keys.artifact(recipe);
    if (holds(made, key) && Files.isDirectory(folder)) {
      return folder;
    }
    boolean resume = holds(begun, key);
    if (!resume) {
      clear(folder);
      AtomicFiles.write(begun, key);
    }
    if (!resume || !complete(recipe, folder)) {
      build(recipe, folder, resume);
    }
    AtomicFiles.delete(hidden(folder, ".work"));
    AtomicFiles.write(made, key);
    return folder;
  }

  private Path folder(Recipe recipe) {
    return inputs.rows().resolve(recipe.slug());
  }

  private static Path beside(Path folder, String ending) {
    return folder.resolveSibling(folder.getFileName() + ending);
  }

  private static Path hidden(Path folder, String ending) {
    return folder.resolveSibling("." + folder.getFileName() + ending);
  }

  private static void clear(Path folder) {
    List.of(beside(folder, ".made"), beside(folder, ".begun"), folder, hidden(folder, ".work"))
        .forEach(AtomicFiles::delete);
  }

  /**
   * Whether a folder is finished although the end was not noted. All but healing move a finished
   * folder into place; healing begins with a copy and says in the manifest what it did.
   */
  private boolean complete(Recipe recipe, Path folder) {
    return switch (recipe) {
      case Original _ -> true;
      case Compressed _, Pruned _, Half _, Coded _ -> Files.isDirectory(folder);
      case Healed(Recipe from) ->
          Files.isDirectory(folder) && !method(folder).equals(method(folder(from)));
    };
  }

  private static String method(Path folder) {
    return Artifact.manifest(folder).map(manifest -> manifest.method()).orElse("");
  }

  private void build(Recipe recipe, Path folder, boolean resume) {
    switch (recipe) {
      case Original _ -> {}
      case Compressed compressed -> {
        var _ = Karipap.compress(request(compressed, folder, resume), progress);
      }
      case Pruned(boolean wanda) ->
          new PrunedArtifact(inputs, keys.calibration(), wanda, progress).write(folder);
      case Healed(Recipe from) -> heal(make(from), folder, resume);
      case Half(Recipe from) -> Karipap.quantize(make(from)).format("float16").to(folder);
      case Coded(Recipe from, String format, int group) ->
          Karipap.quantize(make(from))
              .format(format)
              .group(group)
              .calibration(inputs.calibration())
              .calibrationTokens(inputs.calibrationTokens())
              .progress(progress)
              .to(folder);
    }
  }

  private CompressionRequest request(Compressed compressed, Path folder, boolean resume) {
    return compressed
        .further()
        .apply(
            new CompressionRequest(
                inputs.model(),
                folder,
                new CalibrationText(inputs.calibration(), inputs.calibrationTokens()),
                AllocationSettings.uniform(compressed.parameters()),
                new FitSettings(compressed.form(), Optional.empty(), inputs.iterations(), 0),
                Optional.of(Set.of()),
                new RunSettings(0, inputs.seed(), resume)));
  }

  private void heal(Path from, Path folder, boolean resume) {
    if (!Files.isDirectory(folder)) {
      copy(from, folder);
    }
    var _ =
        Karipap.heal(folder)
            .teacher(inputs.model())
            .text(inputs.healText())
            .tokens(inputs.healTokens())
            .seed(inputs.seed())
            .resume(resume)
            .progress(progress)
            .run();
  }

  /** Whether a file holds exactly a text. */
  private static boolean holds(Path file, String text) {
    try {
      return Files.exists(file) && Files.readString(file).equals(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies the files of a folder; the copy is moved into place as a whole. */
  private static void copy(Path folder, Path copy) {
    Path partial = hidden(copy, ".copy");
    AtomicFiles.delete(partial);
    try (Stream<Path> files = Files.list(folder)) {
      Files.createDirectories(partial);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, partial.resolve(file.getFileName()));
      }
      Files.move(partial, copy, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
