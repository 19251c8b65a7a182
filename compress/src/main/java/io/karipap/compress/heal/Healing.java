package io.karipap.compress.heal;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.compress.HealRequest;
import io.karipap.compress.HealResult;
import io.karipap.compress.Progress;
import io.karipap.compress.progress.LoggedProgress;
import io.karipap.compress.report.ArtifactUpdate;
import io.karipap.compress.report.EvaluationText;
import io.karipap.compress.report.ReportMeasurements;
import io.karipap.compress.report.ReportRecord.Step;
import io.karipap.compress.report.RunParameters;
import io.karipap.compress.store.Digest;
import io.karipap.compress.store.RunDirectory;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.generate.Sampler;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Heals a compressed model by distillation from the original. */
public final class Healing {

  /**
   * Fraction of a healing's tokens that is spent before numbers are quantized. Quantization starts
   * from a better model then; the rest of the tokens repairs its error.
   */
  private static final double FRACTION_BEFORE_QUANTIZATION = 0.5;

  private static final int MAX_SAMPLED_DOCUMENT_TOKENS = 512;

  private static final Logger LOG = LoggerFactory.getLogger(Healing.class);

  private Healing() {}

  /**
   * Tokens of a compression's healing that it spends before numbers are quantized.
   *
   * @param cut whether matrices were replaced by smaller ones before that
   * @param quantized whether numbers are quantized at all
   */
  public static long tokensBeforeQuantization(long tokens, boolean cut, boolean quantized) {
    double before = !quantized ? 1 : cut ? FRACTION_BEFORE_QUANTIZATION : 0;
    return Math.round(before * tokens);
  }

  /**
   * Runs a distillation and replaces the artifact by the healed one.
   *
   * @throws CheckpointException if an input is bad or the output cannot be written
   */
  public static HealResult run(HealRequest request, Progress progress) {
    return run(request, Architectures.standard(), progress);
  }

  /**
   * Runs a distillation and replaces the artifact by the healed one.
   *
   * @param architectures the families that the models may be of
   * @throws CheckpointException if an input is bad or the output cannot be written
   */
  public static HealResult run(
      HealRequest request, Architectures architectures, Progress progress) {
    Progress stages = LoggedProgress.of(progress);
    long start = System.nanoTime();
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var student = LoadedModel.open(request.artifact(), architectures);
        var teacher = LoadedModel.open(request.teacher(), architectures)) {
      ArtifactManifest manifest =
          student
              .manifest()
              .orElseThrow(() ->
                  new CheckpointException(
                      request.artifact() + " is not a compressed model: compress one first"));
      if (!student.architecture().matrices().equals(teacher.architecture().matrices())
          || teacher.manifest().isPresent()) {
        throw new CheckpointException(
            request.teacher() + " is not the original of " + request.artifact());
      }
      Documents read =
          request.text().map(Documents::read).orElseGet(() -> new Documents(List.of()));
      RunDirectory work =
          RunDirectory.open(
              request.artifact(), describe(request, read, student), request.run().resume());
      List<TokenSequence> text = text(request, read, teacher, stages);
      HealTask task =
          new HealTask(
              new Decoder(teacher.architecture(), inBasisOf(student, manifest, teacher, text)),
              student.weights(),
              text,
              request.tokens(),
              request.options(),
              request.seed());
      HealOutcome outcome = heal(task, work.folder("healing"), owner, stages);
      ArtifactUpdate.write(
          student,
          request.artifact(),
          outcome.weights(),
          entries(manifest, outcome.weights()),
          step(request, teacher, outcome, text, start, stages));
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

  /**
   * Heals the weights of a model. Must be called inside a tensor scope.
   *
   * @param folder where the run is stored, and continued from if it is there
   * @param owner holds the result
   * @throws IllegalArgumentException if the model has no numbers of the kind that is to be trained
   */
  public static HealOutcome heal(HealTask task, Path folder, TensorOwner owner, Progress progress) {
    HealOutcome outcome = new Healer(task, folder, owner, progress).run();
    LOG.info(
        "healed on {} tokens: held-out KL from {} to {} nats per token",
        outcome.tokens(),
        "%.4f".formatted(outcome.before().comparison().orElseThrow().kl()),
        "%.4f".formatted(outcome.after().comparison().orElseThrow().kl()));
    return outcome;
  }

  /**
   * Windows at the end of a text that a healing does not learn from.
   *
   * @param context longest window, tokens
   * @param tokens length of the healing
   */
  public static List<Window> heldOut(List<TokenSequence> documents, int context, long tokens) {
    return HealText.split(documents, context, tokens).heldOut();
  }

  /** The healing in the report, measured on text that it did not learn from. */
  private static Step step(
      HealRequest request,
      LoadedModel teacher,
      HealOutcome outcome,
      List<TokenSequence> text,
      long start,
      Progress progress) {
    EvaluationText heldOut =
        EvaluationText.of(
            request.text().map(file -> String.valueOf(file.getFileName())).orElse("drawn text"),
            text,
            heldOut(text, teacher.config().contextLength(), request.tokens()),
            List.of(),
            EvaluationText.tokens(
                teacher.weights().parameters(), RunParameters.HEALING_COST * request.tokens()));
    return Step.of(
        "healed by distillation on %d tokens".formatted(outcome.tokens()),
        request.run().command(),
        RunParameters.of(request),
        (System.nanoTime() - start) * 1e-9,
        Optional.of(ReportMeasurements.of(teacher, outcome.weights(), heldOut, progress)));
  }

  /** Forms may have changed, where updates were trained. */
  private static List<MatrixEntry> entries(ArtifactManifest manifest, Weights weights) {
    return manifest.matrices().stream()
        .map(entry ->
            StoredFactorization.entry(entry.name(), weights.matrix(entry.name()), entry.error()))
        .toList();
  }

  /**
   * The sampled documents, and then those of the file: the end of the text is held out, and text
   * from a file is the better measure.
   */
  private static List<TokenSequence> text(
      HealRequest request, Documents read, LoadedModel teacher, Progress progress) {
    List<TokenSequence> text = new ArrayList<>();
    if (request.sample() > 0) {
      progress.stage("sampling", 1);
      int bos =
          teacher
              .tokenizer()
              .bos()
              .orElseThrow(() ->
                  new CheckpointException(
                      request.teacher()
                          + " has no token that texts begin with, from which text is sampled: give a text"));
      int longest = Math.min(teacher.config().contextLength(), MAX_SAMPLED_DOCUMENT_TOKENS);
      text.addAll(
          new Sampler(teacher.decoder(), bos).documents(request.sample(), longest, request.seed()));
      progress.at(1, "");
    }
    text.addAll(read.encode(teacher.tokenizer()));
    return text;
  }

  /** The original where the hidden states of both can be compared. */
  private static Weights inBasisOf(
      LoadedModel student,
      ArtifactManifest manifest,
      LoadedModel teacher,
      List<TokenSequence> text) {
    return manifest.gauge().contains(Symmetry.RESIDUAL.label())
        ? BasisAlignment.align(teacher.architecture(), teacher.weights(), student.weights(), text)
        : teacher.weights();
  }

  private static String describe(HealRequest request, Documents text, LoadedModel student) {
    return String.join(
        "\n",
        "text " + Digest.of(text.texts()),
        "sample " + request.sample(),
        "model " + Digest.of(student.weights()),
        "tokens " + request.tokens(),
        "options " + request.options(),
        "seed " + request.seed());
  }
}
