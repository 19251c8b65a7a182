package io.karipap;

import static io.karipap.Parameters.atLeast;
import static io.karipap.Parameters.require;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.compress.AllocationSettings;
import io.karipap.compress.BondFlowSettings;
import io.karipap.compress.Budget;
import io.karipap.compress.CalibrationText;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CompressionResult;
import io.karipap.compress.CostUnit;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.FitSettings;
import io.karipap.compress.Progress;
import io.karipap.compress.RunSettings;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.fit.LocalJobRunner;
import io.karipap.compress.pipeline.Compression;
import io.karipap.model.family.Architectures;
import io.karipap.model.gauge.Symmetry;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a compression is asked for. Calibration text is needed, and exactly one size: {@link
 * #parameters}, {@link #memory}, {@link #bytes}, {@link #operations}, {@link #reads}, {@link #time}
 * or {@link #recipe}; all else has defaults.
 */
public final class CompressionBuilder {

  private static final String ONE_SIZE =
      "the size is given by exactly one of `parameters`, `memory`, `bytes`, `operations`, `reads`,"
          + " `time` and `recipe`";

  private final Path model;
  private Optional<Path> calibration = Optional.empty();
  private Optional<Budget> budget = Optional.empty();
  private Optional<Path> recipe = Optional.empty();
  private FactorizationKind form = FactorizationKind.AUTO;
  private Optional<SiteGrid> grid = Optional.empty();
  private Optional<BondFlowSettings> flow = Optional.empty();
  private Optional<Set<Symmetry>> gauge = Optional.empty();
  private int cells;
  private Optional<ScalarFormat> numbers = Optional.empty();
  private Optional<EntropyCoding> coding = Optional.empty();
  private int group = 64;
  private int calibrationTokens = CalibrationText.TOKENS;
  private int iterations = FitSettings.ITERATIONS;
  private long heal;
  private long seed;
  private boolean resume;
  private Optional<String> command = Optional.empty();
  private Architectures architectures = Architectures.standard();
  private Progress progress = Progress.NONE;

  CompressionBuilder(Path model) {
    this.model = model;
  }

  /** UTF-8 text that the layers' inputs are taken from, and that healing learns on. */
  public CompressionBuilder calibration(Path text) {
    calibration = Optional.of(text);
    return this;
  }

  /** The share of the original's parameters to keep, above 0 and at most 1. */
  public CompressionBuilder parameters(double share) {
    return share("parameters", CostUnit.PARAMETERS, share);
  }

  /** The share of the original's float32 bytes to keep: forms, sizes and formats are chosen. */
  public CompressionBuilder memory(double share) {
    return share("memory", CostUnit.BYTES, share);
  }

  /** The bytes that the written tensors may take: forms, sizes and formats are chosen. */
  public CompressionBuilder bytes(long count) {
    atLeast(1, "bytes", count);
    return budget(Budget.units(CostUnit.BYTES, (double) count));
  }

  /** The share of the original's multiplications per token to keep. */
  public CompressionBuilder operations(double share) {
    return share("operations", CostUnit.OPERATIONS, share);
  }

  /** The share of the float32 bytes that the original reads for a token to keep. */
  public CompressionBuilder reads(double share) {
    return share("reads", CostUnit.READS, share);
  }

  /** The share of the time that the original takes for a generated token here, measured. */
  public CompressionBuilder time(double share) {
    return share("time", CostUnit.TIME, share);
  }

  private CompressionBuilder share(String name, CostUnit unit, double share) {
    require(
        share > 0 && share <= 1,
        "`%s` must be above 0 and at most 1, not %s".formatted(name, share));
    return budget(Budget.share(unit, share));
  }

  /** The size as a record. */
  public CompressionBuilder budget(Budget limit) {
    require(budget.isEmpty(), ONE_SIZE);
    budget = Optional.of(limit);
    return this;
  }

  /** A plan.yaml to follow instead of a budget. */
  public CompressionBuilder recipe(Path plan) {
    recipe = Optional.of(plan);
    return this;
  }

  /** What matrices may become (default: auto). */
  public CompressionBuilder form(FactorizationKind kind) {
    form = kind;
    return this;
  }

  /** Sites of a PEPO or MPO. */
  public CompressionBuilder grid(SiteGrid sites) {
    grid = Optional.of(sites);
    return this;
  }

  /**
   * Shares parameters out by truncating the bonds of the whole model where a parameter saved costs
   * the least, instead of giving every matrix the same share.
   */
  public CompressionBuilder flow() {
    flow = Optional.of(BondFlowSettings.unbounded());
    return this;
  }

  /** A {@link #flow} that stops before this divergence on held-out text, in nats per token. */
  public CompressionBuilder maxKl(double nats) {
    require(nats > 0, "`maxKl` must be positive, not " + nats);
    flow = Optional.of(new BondFlowSettings(nats));
    return this;
  }

  /**
   * Symmetries of the model that the basis to compress in is chosen from; none for the original's
   * basis. Without this call, short fits decide.
   */
  public CompressionBuilder gauge(Set<Symmetry> symmetries) {
    EnumSet<Symmetry> ordered = EnumSet.noneOf(Symmetry.class);
    ordered.addAll(symmetries);
    gauge = Optional.of(ordered);
    return this;
  }

  /** Lets the same matrix of this many consecutive blocks share tensors (default: 0, none). */
  public CompressionBuilder cells(int blocks) {
    atLeast(0, "cells", blocks);
    cells = blocks;
    return this;
  }

  /**
   * The format of all numbers, such as {@code int4} (default: float32, or what the budget's plan
   * chooses). Within a budget of bytes also {@code coded}: integers behind an entropy coder.
   *
   * @throws IllegalArgumentException for an unknown one; names those that are known
   */
  public CompressionBuilder quantize(String format) {
    return EntropyCoding.find(format)
        .map(this::quantize)
        .orElseGet(() -> quantize(ScalarFormat.of(format)));
  }

  /** All numbers behind an entropy coder. */
  public CompressionBuilder quantize(EntropyCoding behind) {
    coding = Optional.of(behind);
    return this;
  }

  /** The format of all numbers. */
  public CompressionBuilder quantize(ScalarFormat format) {
    numbers = Optional.of(format);
    return this;
  }

  /** Numbers that share a scale when they are quantized, 1 to 1024 (default: 64). */
  public CompressionBuilder group(int size) {
    require(size >= 1 && size <= 1024, "`group` must be 1 to 1024, not " + size);
    group = size;
    return this;
  }

  /** Tokens of the calibration text to use at most, spread evenly over it. */
  public CompressionBuilder calibrationTokens(int count) {
    atLeast(2, "calibrationTokens", count);
    calibrationTokens = count;
    return this;
  }

  /** Iterations of a fit at most. */
  public CompressionBuilder iterations(int count) {
    atLeast(0, "iterations", count);
    iterations = count;
    return this;
  }

  /** Tokens of distillation from the original (default: 0, none). */
  public CompressionBuilder heal(long tokens) {
    atLeast(0, "heal", tokens);
    heal = tokens;
    return this;
  }

  /** Of all randomness (default: 0): the same one gives the same bytes. */
  public CompressionBuilder seed(long number) {
    seed = number;
    return this;
  }

  /** Whether to go on with an interrupted run of the same request (default: false). */
  public CompressionBuilder resume(boolean goOn) {
    resume = goOn;
    return this;
  }

  /** The command that a person typed to ask for this, for the report; changes nothing else. */
  public CompressionBuilder command(String typed) {
    command = Optional.of(typed);
    return this;
  }

  /** Families that the model is looked for in (default: those of this library). */
  public CompressionBuilder architectures(Architectures families) {
    architectures = families;
    return this;
  }

  /** Is told how far the work has come (default: nobody is). */
  public CompressionBuilder progress(Progress listener) {
    progress = listener;
    return this;
  }

  /**
   * Compresses and writes the result.
   *
   * @param output folder of the compressed model; must not exist, unless it is one, or empty
   * @throws CheckpointException if an input is bad or the output cannot be written; nothing is left
   *     behind but what a run with {@link #resume} goes on from
   * @throws IllegalArgumentException if a parameter is missing, or does not fit the others
   */
  public CompressionResult to(Path output) {
    return Compression.run(request(output), architectures, LocalJobRunner.standard(), progress);
  }

  private CompressionRequest request(Path output) {
    require(budget.isPresent() != recipe.isPresent(), ONE_SIZE);
    Budget size = budget.orElse(Budget.share(CostUnit.PARAMETERS, 1));
    boolean bounded = flow.stream().anyMatch(f -> Double.isFinite(f.maxKl()));
    require(
        !bounded || size.unit() == CostUnit.PARAMETERS,
        "`maxKl` is for a share of parameters: leave it out, or give `parameters`");
    return new CompressionRequest(
        model,
        output,
        new CalibrationText(
            Parameters.given(calibration, "calibration", "a UTF-8 text file"), calibrationTokens),
        new AllocationSettings(
            size,
            recipe,
            flow,
            numbers.map(format -> new QuantizationScheme(format, group, ScaleType.F16, true)),
            coding),
        new FitSettings(form, grid, iterations, cells),
        gauge,
        new RunSettings(heal, seed, resume, command));
  }
}
