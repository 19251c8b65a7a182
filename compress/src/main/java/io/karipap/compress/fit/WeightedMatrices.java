package io.karipap.compress.fit;

import io.karipap.compress.Progress;
import io.karipap.compress.calibrate.Calibration;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.compress.store.FittedMatrix;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.calibrate.CalibrationStatistics;
import io.karipap.model.calibrate.GradientStatistics;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.io.WeightSource;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.Metric;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The metrics of a model's matrices.
 *
 * <p>The calibration metric: C of the inputs of a layer. The input of the embeddings is a token:
 * row t weighs as often as the token, f_t + 0.1 / vocabulary. A table that is also the head is
 * measured half by the lookups (the identity) and half by the head's C, each of trace d.
 *
 * <p>The metric in nats: C of the inputs and G of the outputs. Embeddings E: a row is looked up
 * with its token's frequency f_t and felt through G_0, the gradients of the residual stream at its
 * beginning. Head H: the error of a logit weighs E[p_t (1 - p_t)], the diagonal of its Gauss-Newton
 * matrix, on the normed states' C; what connects the logits is neglected. A tied table is both.
 *
 * <p>Owns the statistics that the metrics are made of.
 */
public final class WeightedMatrices implements MetricSource, AutoCloseable {

  /** Weight of a token that does not occur, as a share of the mean weight. */
  private static final double UNSEEN_TOKEN_WEIGHT = 0.1;

  /**
   * The same where rows have rates of their own: a row of little weight would be left with no bits
   * at all, and text of another kind would pay for it. At 7 % of the bundled model's bytes 0.4
   * instead of 0.1 costs 2 % of the divergence on its own kind of text and saves 6 % on another.
   */
  public static final double EVEN_TOKEN_WEIGHT = 0.4;

  private final Architecture architecture;
  private final WeightSource source;
  private final Calibration calibration;
  private final double unseen;
  private final TensorOwner owner = new TensorOwner();
  private final Map<String, WeightedMatrix> held = new ConcurrentHashMap<>();

  /**
   * The metrics of a model.
   *
   * @param source the original, in the basis of the statistics
   * @param calibration is closed with this
   */
  public WeightedMatrices(WeightSource source, Calibration calibration) {
    this(source, calibration, UNSEEN_TOKEN_WEIGHT);
  }

  /**
   * The same with another weight of tokens that do not occur, in the metric in nats.
   *
   * @param unseen share of the mean weight
   */
  public WeightedMatrices(WeightSource source, Calibration calibration, double unseen) {
    this.architecture = source.architecture();
    this.source = source;
    this.calibration = calibration;
    this.unseen = unseen;
  }

  public Architecture architecture() {
    return architecture;
  }

  /** A matrix of the original. */
  public Tensor original(String name) {
    return source.matrix(architecture.matrix(name));
  }

  /** The metric that errors of a matrix are reported in. */
  public MetricReference calibratedReference(String name) {
    return new MetricReference(hasInput(name) ? statistics().input(name) : name, false);
  }

  /** The metric in nats of a matrix in a block. */
  public MetricReference inNatsReference(String name) {
    return new MetricReference(name, true);
  }

  @Override
  public Metric metric(MetricReference reference) {
    String name = reference.matrix();
    return reference.outputs() ? inNats(name).metric() : calibratedMetric(name);
  }

  private Metric calibratedMetric(String name) {
    if (hasInput(name)) {
      return Metric.of(statistics().covariance(name));
    }
    return role(name) == Role.EMBED && architecture.config().tiedEmbeddings()
        ? tied(statistics().covariance(architecture.head().name()))
        : Metric.identity(architecture.config().hiddenSize());
  }

  /** A token is no vector, and the input of a gain that a gauge adds is not observed. */
  private boolean hasInput(String name) {
    return role(name) != Role.EMBED && role(name) != Role.HEAD_GAIN;
  }

  /** The metric of a tied table: half the lookups' (identity), half the head's, each of trace d. */
  private static Metric tied(Tensor headCovariance) {
    int d = headCovariance.size(0);
    double scale = d / headCovariance.diagonal().sum().item();
    return Metric.of(headCovariance.mul(scale).add(Tensor.eye(DType.F64, d)));
  }

  /** Square roots [m, 1] of the weights of a matrix's rows in the calibration metric. */
  Optional<Tensor> calibratedRows(String name) {
    return role(name) == Role.EMBED
        ? Optional.of(
            statistics()
                .frequencies()
                .to(DType.F64)
                .add(UNSEEN_TOKEN_WEIGHT / architecture.config().vocabularySize())
                .sqrt()
                .unsqueeze(1))
        : Optional.empty();
  }

  /** A matrix in the calibration metric. */
  public WeightedMatrix calibrated(String name) {
    return new WeightedMatrix(
        name, w(name), calibratedRows(name), metric(calibratedReference(name)));
  }

  /** A matrix in the metric that choices between its approximations are made in. */
  public WeightedMatrix decisive(String name) {
    return calibration.gradients().isPresent() && role(name) != Role.HEAD_GAIN
        ? inNats(name)
        : calibrated(name);
  }

  /** A matrix in the calibration metric, which the manifest's errors are measured in. */
  public WeightedMatrix reported(WeightedMatrix decisive) {
    // both metrics of a matrix in a block have the same C
    return isTable(decisive.name()) ? calibrated(decisive.name()) : decisive.inputsOnly();
  }

  /** An approximation of a matrix with the manifest's line about it. */
  FittedMatrix described(String name, Factorization f) {
    if (f instanceof Dense) {
      return new FittedMatrix(f, StoredFactorization.entry(name, f, 0));
    }
    WeightedMatrix known = held.get(name);
    return (known == null ? calibrated(name) : reported(known)).described(f);
  }

  /** A matrix in its metric in nats: the one that is held, or a new one. */
  public WeightedMatrix inNats(String name) {
    return Optional.ofNullable(held.get(name))
        .orElseGet(
            () -> isTable(name) ? table(name) : inBlock(name, metric(calibratedReference(name))));
  }

  private boolean isTable(String name) {
    return role(name) == Role.EMBED || role(name) == Role.HEAD;
  }

  private Role role(String name) {
    return architecture.matrix(name).role();
  }

  /**
   * All matrices in nats, in the order of the model, computed side by side and held until {@link
   * #release}.
   */
  public List<WeightedMatrix> holdInNats(Workers workers, Progress progress) {
    Map<MetricReference, List<String>> groups = new LinkedHashMap<>();
    List<MatrixSpec> all = architecture.matrices();
    all.forEach(spec ->
        groups
            .computeIfAbsent(calibratedReference(spec.name()), _ -> new ArrayList<>())
            .add(spec.name()));
    progress.stage("metrics", groups.size());
    ProgressCounter done = new ProgressCounter(progress);
    List<Runnable> tasks = new ArrayList<>();
    groups.forEach((reference, names) ->
        tasks.add(() -> {
          if (isTable(names.getFirst())) {
            names.forEach(name -> held.put(name, table(name).heldBy(owner)));
          } else {
            Metric inputs = metric(reference);
            names.forEach(name -> held.put(name, inBlock(name, inputs).heldBy(owner)));
          }
          done.add(names.getFirst());
        }));
    workers.runAll(tasks);
    return all.stream().map(spec -> Objects.requireNonNull(held.get(spec.name()))).toList();
  }

  private WeightedMatrix inBlock(String name, Metric inputs) {
    return WeightedMatrix.of(name, w(name), inputs.withOutput(gradients().outputGradient(name)));
  }

  /** Embeddings, or a head that is not tied to them. */
  private WeightedMatrix table(String name) {
    Tensor looked = smoothed(statistics().frequencies().to(DType.F64));
    Tensor felt = gradients().outputGradient(architecture.embeddings().name());
    Tensor logits = smoothed(gradients().logitVariances());
    Tensor states = statistics().covariance(architecture.head().name());
    if (role(name) == Role.HEAD) {
      return WeightedMatrix.ofTable(name, w(name), logits, Metric.of(states));
    }
    if (!architecture.config().tiedEmbeddings()) {
      return WeightedMatrix.ofTable(name, w(name), looked, Metric.of(felt));
    }
    // D_1 (x) M_1 + D_2 (x) M_2 as one product: each side is the sum weighted by the other's trace
    double asLookup = felt.diagonal().sum().item();
    double asHead = states.diagonal().sum().item();
    double lookups = looked.sum().item();
    double heads = logits.sum().item();
    Tensor rows = looked.mul(asLookup).add(logits.mul(asHead));
    Tensor elements = felt.mul(lookups).add(states.mul(heads));
    double total = asLookup * lookups + asHead * heads;
    return WeightedMatrix.ofTable(name, w(name), rows.mul(1 / total), Metric.of(elements));
  }

  private Tensor smoothed(Tensor weights) {
    return weights.add(unseen * weights.mean().item());
  }

  private Tensor w(String name) {
    return original(name).to(DType.F64);
  }

  private CalibrationStatistics statistics() {
    return calibration.inputs();
  }

  private GradientStatistics gradients() {
    return calibration.gradients().orElseThrow();
  }

  /** Lets go of the matrices that are held; their metrics are computed anew when asked for. */
  public void release() {
    held.clear();
    owner.close();
  }

  /** Lets go of the matrices and of the statistics. */
  @Override
  public void close() {
    release();
    calibration.close();
  }
}
