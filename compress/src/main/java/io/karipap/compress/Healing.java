package io.karipap.compress;

import io.karipap.checkpoint.ArtifactManifest;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.Documents;
import io.karipap.model.LoadedModel;
import io.karipap.model.MatrixName;
import io.karipap.model.Weights;
import io.karipap.model.gauge.Symmetry;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Heals a compressed model by distillation from the original. */
public final class Healing {

  /**
   * Of a healing with a rounding in it, the share that comes before it. The rounding starts from a
   * better model so, but what it breaks needs most of the tokens.
   */
  private static final double BEFORE_ROUNDING = 0.5;

  private Healing() {}

  /** Tokens of a compression's healing that it spends before its numbers are rounded. */
  static long tokensBeforeRounding(CompressionRequest request) {
    return request.quantise().isEmpty()
        ? request.healTokens()
        : Math.round(BEFORE_ROUNDING * request.healTokens());
  }

  /**
   * Runs a distillation and replaces the artifact by the healed one.
   *
   * @throws CheckpointException if an input is bad or the output cannot be written
   */
  public static HealResult run(HealRequest request, Progress progress) {
    long start = System.nanoTime();
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var student = LoadedModel.open(request.artifact());
        var teacher = LoadedModel.open(request.teacher())) {
      ArtifactManifest manifest =
          student
              .manifest()
              .orElseThrow(() ->
                  new CheckpointException(
                      request.artifact() + " is not a compressed model: compress one first"));
      if (!MatrixName.all(student.config()).equals(MatrixName.all(teacher.config()))
          || teacher.manifest().isPresent()) {
        throw new CheckpointException(
            request.teacher() + " is not the original of " + request.artifact());
      }
      Documents text = Documents.read(request.text());
      WorkFolder work =
          WorkFolder.open(request.artifact(), describe(request, text, student), request.resume());
      Healer.Outcome outcome =
          Healer.heal(
              new Healer.Teacher(
                  teacher.config(),
                  inBasisOf(student, manifest, teacher, text),
                  teacher.tokenizer()),
              student.weights(),
              text,
              Healer.settings(
                  teacher.config(), request.tokens(), request.options(), request.seed()),
              request.options(),
              work.path().resolve("healing.safetensors"),
              owner,
              progress);
      ArtifactManifest healed =
          new ArtifactManifest(
              manifest.version(),
              manifest.method()
                  + ", healed by distillation on %d tokens".formatted(outcome.tokens()),
              manifest.seed(),
              manifest.calibration(),
              manifest.gauge(),
              manifest.matrices(),
              "",
              0);
      ArtifactFiles.write(
          request.artifact(),
          teacher,
          outcome.weights(),
          healed,
          read(request.artifact().resolve("plan.yaml")),
          read(request.artifact().resolve("report.html")));
      work.delete();
      return new HealResult(
          outcome.tokens(),
          outcome.before().loss(),
          outcome.after().loss(),
          outcome.before().comparison().orElseThrow().kl(),
          outcome.after().comparison().orElseThrow().kl(),
          (System.nanoTime() - start) * 1e-9);
    }
  }

  /** The original where the hidden states of both can be compared. */
  private static Weights inBasisOf(
      LoadedModel student, ArtifactManifest manifest, LoadedModel teacher, Documents text) {
    return manifest.gauge().contains(Symmetry.RESIDUAL.label())
        ? Alignment.align(
            teacher.config(),
            teacher.weights(),
            student.weights(),
            text.encode(teacher.tokenizer()))
        : teacher.weights();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e.getMessage());
    }
  }

  private static String describe(HealRequest request, Documents text, LoadedModel student) {
    return String.join(
        "\n",
        "text " + Digest.of(text.texts()),
        "model " + Digest.of(student.weights()),
        "tokens " + request.tokens(),
        "options " + request.options(),
        "seed " + request.seed());
  }
}
