package io.karipap;

import static io.karipap.Parameters.atLeast;
import static io.karipap.Parameters.require;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.HealOptions;
import io.karipap.compress.HealRequest;
import io.karipap.compress.HealResult;
import io.karipap.compress.HealingMode;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.heal.Healing;
import io.karipap.model.family.Architectures;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a distillation is asked for: a {@link #teacher}, {@link #tokens}, and {@link #text} or a
 * {@link #sample} are needed.
 */
public final class HealingBuilder {

  private final Path artifact;
  private Optional<Path> teacher = Optional.empty();
  private Optional<Path> text = Optional.empty();
  private long sample;
  private long tokens;
  private HealingMode train = HealingMode.ALL;
  private double learningRate = HealOptions.LEARNING_RATE;
  private int rank = HealOptions.RANK;
  private double hiddenWeight = HealOptions.HIDDEN_WEIGHT;
  private int patience = HealOptions.PATIENCE;
  private long blockwise;
  private long seed;
  private boolean resume;
  private Optional<String> command = Optional.empty();
  private Architectures architectures = Architectures.standard();
  private Progress progress = Progress.NONE;

  HealingBuilder(Path artifact) {
    this.artifact = artifact;
  }

  /** Folder of the original. */
  public HealingBuilder teacher(Path original) {
    teacher = Optional.of(original);
    return this;
  }

  /** UTF-8 text to learn on; its end is held out. */
  public HealingBuilder text(Path file) {
    text = Optional.of(file);
    return this;
  }

  /** Tokens of text to draw from the original, instead of or beside {@link #text}. */
  public HealingBuilder sample(long count) {
    atLeast(0, "sample", count);
    sample = count;
    return this;
  }

  /** Length of the run in tokens. */
  public HealingBuilder tokens(long count) {
    atLeast(1, "tokens", count);
    tokens = count;
    return this;
  }

  /** What is trained (default: all numbers). */
  public HealingBuilder train(HealingMode mode) {
    train = mode;
    return this;
  }

  /** Peak of the schedule, above 0. */
  public HealingBuilder learningRate(double peak) {
    require(peak > 0 && peak < Double.MAX_VALUE, "`learningRate` must be above 0, not " + peak);
    learningRate = peak;
    return this;
  }

  /** Rank of the updates that LoRA and TT-LoRA train. */
  public HealingBuilder rank(int count) {
    atLeast(1, "rank", count);
    rank = count;
    return this;
  }

  /** Weight of the residual stream's relative squared error beside the KL divergence. */
  public HealingBuilder hiddenWeight(double weight) {
    require(
        weight >= 0 && weight < Double.MAX_VALUE,
        "`hiddenWeight` must not be negative, not " + weight);
    hiddenWeight = weight;
    return this;
  }

  /** Evaluations on held-out text without a better one after which the run ends; 0 for never. */
  public HealingBuilder patience(int evaluations) {
    atLeast(0, "patience", evaluations);
    patience = evaluations;
    return this;
  }

  /** Tokens of a reconstruction block by block that comes before (default: 0). */
  public HealingBuilder blockwise(long count) {
    atLeast(0, "blockwise", count);
    blockwise = count;
    return this;
  }

  /** Of the text's order (default: 0). */
  public HealingBuilder seed(long number) {
    seed = number;
    return this;
  }

  /** Whether to go on with an interrupted run of the same request (default: false). */
  public HealingBuilder resume(boolean goOn) {
    resume = goOn;
    return this;
  }

  /** The command that a person typed to ask for this, for the report; changes nothing else. */
  public HealingBuilder command(String typed) {
    command = Optional.of(typed);
    return this;
  }

  /** Families that the models are looked for in (default: those of this library). */
  public HealingBuilder architectures(Architectures families) {
    architectures = families;
    return this;
  }

  /** Is told how far the work has come (default: nobody is). */
  public HealingBuilder progress(Progress listener) {
    progress = listener;
    return this;
  }

  /**
   * Heals the compressed model in its folder.
   *
   * @throws CheckpointException if an input is bad or the output cannot be written
   * @throws IllegalArgumentException if a parameter is missing
   */
  public HealResult run() {
    require(tokens > 0, "`tokens` is missing: give the length of the run");
    require(
        text.isPresent() || sample > 0, "there is nothing to learn on: give `text` or `sample`");
    return Healing.run(
        new HealRequest(
            artifact,
            Parameters.given(teacher, "teacher", "the folder of the original"),
            text,
            sample,
            new HealOptions(train, learningRate, rank, hiddenWeight, patience, blockwise),
            new RunSettings(tokens, seed, resume, command)),
        architectures,
        progress);
  }
}
