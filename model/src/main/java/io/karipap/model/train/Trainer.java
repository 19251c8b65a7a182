package io.karipap.model.train;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.text.TextMixture;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.AdamW;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Trains a decoder: gradients accumulated over micro-batches, clipped by their common norm, AdamW
 * on float32 masters. The same engine trains from scratch and heals; only the {@link Objective}
 * differs.
 *
 * <p>The micro-batches of a step are shared out among the processors. A network whose matrix is
 * cheaper to apply than its sites is contracted once a step: the micro-batches give the gradient by
 * the matrix, and one backward pass through the contraction makes it the gradient by the cores.
 * Codes are decoded, and latent numbers rounded, once a step too.
 *
 * <p>The run is a function of its settings, its text, its starting weights and the number of
 * processors alone: stored after any step and continued, it gives the same losses as without the
 * interruption.
 */
public final class Trainer implements AutoCloseable {

  private static final AdamW ADAM = new AdamW(0.9, 0.95, 1e-8);

  /** Bound on the elements of all workers' sums of gradients together; 1 GiB in float32. */
  private static final long MAX_GRADIENT_ELEMENTS = 1 << 28;

  /** What one step did: loss before the step in nats, norm of the gradient before clipping. */
  public record Step(long number, double loss, double gradientNorm, double learningRate) {}

  private final TrainingSettings settings;
  private final LearningRate schedule;
  private final Objective objective;
  private final TextMixture text;
  private final TensorOwner owner = new TensorOwner();
  private final Architecture architecture;
  private final Parameterization parameterization;
  private final List<Tensor> masters = new ArrayList<>();
  private final List<Tensor> leaves = new ArrayList<>();
  private final List<AdamW.Slot> slots = new ArrayList<>();
  private final Workers workers;
  private final List<GradientSum> sums = new ArrayList<>(); // one for each worker
  private long step;

  /**
   * Prepares a run that trains all stored numbers but codes. Must be made inside a tensor scope
   * that stays open.
   *
   * @param start starting weights; copied
   * @param text windows of {@code context + 1} tokens
   */
  public Trainer(
      Architecture architecture,
      Weights start,
      TextMixture text,
      TrainingSettings settings,
      Objective objective) {
    this(architecture, Parameterization.cores(start), text, settings, objective);
  }

  /**
   * Prepares a run. Must be made inside a tensor scope that stays open.
   *
   * @param parameterization the variables; their starting values are copied
   * @param text windows of {@code context + 1} tokens
   */
  public Trainer(
      Architecture architecture,
      Parameterization parameterization,
      TextMixture text,
      TrainingSettings settings,
      Objective objective) {
    this.architecture = architecture;
    this.settings = settings;
    this.schedule = settings.schedule();
    this.objective = objective;
    this.text = text;
    this.parameterization = parameterization;
    for (Tensor start : parameterization.start()) {
      Tensor variable = owner.own(start.copy());
      boolean decays = masters.size() < parameterization.ofMatrices();
      masters.add(variable);
      leaves.add(owner.own(variable.leaf()));
      slots.add(
          new AdamW.Slot(
              variable,
              owner.own(variable.zerosLike()),
              owner.own(variable.zerosLike()),
              decays ? settings.optimization().weightDecay() : 0));
    }
    try (var _ = new TensorScope()) {
      List<Tensor> trained = GradientSum.trained(applied());
      this.workers = new Workers(workers(trained));
      for (int worker = 0; worker < workers.count(); worker++) {
        sums.add(GradientSum.zeros(trained, owner));
      }
    }
  }

  /** Number of steps done. */
  public long step() {
    return step;
  }

  /** True when the schedule has ended. */
  public boolean isDone() {
    return step >= settings.steps();
  }

  /** The settings of this run. */
  public TrainingSettings settings() {
    return settings;
  }

  /**
   * The current weights as they are stored. Cores that are variables themselves change with every
   * step. Must be called inside a tensor scope.
   */
  public Weights weights() {
    return parameterization.stored(masters);
  }

  /** The current variables, which change with every step. */
  public List<Tensor> variables() {
    return List.copyOf(masters);
  }

  /** Variables with their moments, in the order of the parameterization. */
  List<AdamW.Slot> slots() {
    return slots;
  }

  /** Continues an earlier run, whose variables and moments were put into the slots. */
  void continueAfter(long steps) {
    text.skip((steps - step) * settings.windowsPerBatch());
    step = steps;
  }

  /** One for each processor, but no more than windows, or than sums of gradients have room. */
  private int workers(List<Tensor> trained) {
    long elements = Math.max(1, trained.stream().mapToLong(Tensor::elements).sum());
    long affordable = Math.max(1, MAX_GRADIENT_ELEMENTS / elements);
    return (int) Math.min(affordable, Math.min(Threads.available(), settings.windowsPerBatch()));
  }

  /** The variables as they are applied to activations: differentiable by the variables. */
  private Weights applied() {
    Weights made = parameterization.applied(leaves);
    Map<String, Factorization> applied = new LinkedHashMap<>();
    made.matrices().forEach((name, f) -> applied.put(name, applied(f)));
    return made.with(applied);
  }

  private static Factorization applied(Factorization f) {
    return switch (f) {
      case Dense _ -> f;
      case Quantized coded -> applied(coded.dequantized());
      case LowRank _, BlockTensorTrain _, Pepo _, UnitCell _, Sum _, Sparse _ ->
          f.multiplications() >= f.elements() ? new Dense(f.matrix()) : f;
    };
  }

  /** One step on the next batch of the text. */
  public Step next() {
    step++;
    try (var _ = new TensorScope()) {
      Weights applied = applied();
      double loss = accumulate(new Decoder(architecture, cut(applied), settings.compute()));
      List<Tensor> gradients = sums.getFirst().pullBack(GradientSum.trained(applied), leaves);
      double norm = norm(gradients);
      double rate = schedule.at(step);
      if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
        throw new IllegalStateException(
            "training diverged at step " + step + ": lower the learning rate");
      }
      ADAM.step(
          slots,
          gradients,
          step,
          rate,
          Math.min(1, settings.optimization().clip() / norm),
          workers);
      return new Step(step, loss, norm, rate);
    }
  }

  /** The same numbers as leaves; tensors that depend on no variable are constants. */
  private static Weights cut(Weights applied) {
    return applied.map(t -> t.isDifferentiable() ? t.leaf() : t);
  }

  /** Sums the gradients of all micro-batches into the first worker's; gives the mean loss. */
  private double accumulate(Decoder model) {
    int windows = settings.windowsPerBatch();
    int perPass =
        Math.min(
            settings.batch().microTokens() / settings.context(),
            Math.ceilDiv(windows, workers.count()));
    List<List<long[][]>> passes = new ArrayList<>();
    sums.forEach(_ -> passes.add(new ArrayList<>()));
    for (int done = 0; done < windows; done += perPass) {
      passes.get(done / perPass % passes.size()).add(batch(Math.min(perPass, windows - done)));
    }
    List<Callable<Double>> tasks = new ArrayList<>();
    for (int worker = 0; worker < passes.size(); worker++) {
      GradientSum sum = sums.get(worker);
      List<long[][]> own = passes.get(worker);
      tasks.add(() -> sum.set(model, objective, own, windows));
    }
    double loss = workers.run(tasks).stream().mapToDouble(Double::doubleValue).sum();
    sums.stream().skip(1).forEach(sums.getFirst()::add);
    return loss;
  }

  private long[][] batch(int count) {
    long[][] batch = new long[count][];
    for (int i = 0; i < count; i++) {
      batch[i] = text.next();
    }
    return batch;
  }

  private static double norm(List<Tensor> tensors) {
    double sum = 0;
    for (Tensor t : tensors) {
      double n = t.norm().item();
      sum += n * n;
    }
    return Math.sqrt(sum);
  }

  /** Releases weights, moments and gradients. */
  @Override
  public void close() {
    workers.close();
    owner.close();
  }
}
