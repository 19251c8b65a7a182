package io.karipap.model;

import io.karipap.checkpoint.ModelConfig;
import io.karipap.tensor.AdamW;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Trains a decoder: gradients accumulated over micro-batches, clipped by their common norm, AdamW
 * on float32 masters. The same engine trains from scratch and heals; only the {@link Objective}
 * differs.
 *
 * <p>The run is a function of its settings, its text and its starting weights alone: stored after
 * any step and continued, it gives the same losses as without the interruption.
 */
public final class Trainer implements AutoCloseable {

  private static final AdamW ADAM = new AdamW(0.9, 0.95, 1e-8);

  /** What one step did: loss before the step in nats, norm of the gradient before clipping. */
  public record Step(long number, double loss, double gradientNorm, double learningRate) {}

  private final TrainingSettings settings;
  private final LearningRate schedule;
  private final Objective objective;
  private final TextMixture text;
  private final TensorOwner owner = new TensorOwner();
  private final Weights weights;
  private final List<Tensor> leaves;
  private final List<AdamW.Slot> slots = new ArrayList<>();
  private final List<Tensor> sums = new ArrayList<>();
  private final Decoder model;
  private long step;

  /**
   * Prepares a run. Must be made inside a tensor scope that stays open.
   *
   * @param start starting weights; copied
   * @param text windows of {@code context + 1} tokens
   */
  public Trainer(
      ModelConfig config,
      Weights start,
      TextMixture text,
      TrainingSettings settings,
      Objective objective) {
    this.settings = settings;
    this.schedule = settings.schedule();
    this.objective = objective;
    this.text = text;
    this.weights = start.map(t -> owner.own(t.copy()));
    Weights variables = weights.map(t -> owner.own(t.leaf()));
    this.leaves = variables.tensors();
    this.model = new Decoder(config, variables, settings.compute());
    List<Tensor> tensors = weights.tensors();
    int decayed = tensors.size() - weights.vectors().size();
    for (int i = 0; i < tensors.size(); i++) {
      Tensor variable = tensors.get(i);
      double decay = i < decayed ? settings.weightDecay() : 0;
      slots.add(
          new AdamW.Slot(
              variable, owner.own(variable.zerosLike()), owner.own(variable.zerosLike()), decay));
      sums.add(owner.own(variable.zerosLike()));
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

  /** The current weights; they change with every step. */
  public Weights weights() {
    return weights;
  }

  /** Variables with their moments, in the order of {@link Weights#tensors}. */
  List<AdamW.Slot> slots() {
    return slots;
  }

  /** Says that the weights and moments are those of an earlier run after that many steps. */
  void continueAfter(long steps) {
    text.skip((steps - step) * settings.windowsPerBatch());
    step = steps;
  }

  /** One step on the next batch of the text. */
  public Step next() {
    step++;
    double loss = 0;
    int windows = settings.windowsPerBatch();
    int perPass = settings.microTokens() / settings.context();
    sums.forEach(sum -> sum.scaleInPlace(0));
    for (int done = 0; done < windows; done += perPass) {
      int count = Math.min(perPass, windows - done);
      loss += accumulate(batch(count), (double) count / windows);
    }
    double norm = norm(sums);
    double rate = schedule.at(step);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new IllegalStateException(
          "training diverged at step " + step + ": lower the learning rate");
    }
    ADAM.step(slots, sums, step, rate, Math.min(1, settings.clip() / norm));
    return new Step(step, loss, norm, rate);
  }

  private long[][] batch(int count) {
    long[][] batch = new long[count][];
    for (int i = 0; i < count; i++) {
      batch[i] = text.next();
    }
    return batch;
  }

  private double accumulate(long[][] batch, double share) {
    try (var _ = new TensorScope()) {
      int length = batch[0].length;
      long[] flat = Arrays.stream(batch).flatMapToLong(Arrays::stream).toArray();
      Tensor loss = objective.loss(model, Tensor.of(flat, batch.length, length));
      List<Tensor> gradients = Autograd.gradients(loss, leaves);
      for (int i = 0; i < gradients.size(); i++) {
        sums.get(i).addInPlace(gradients.get(i), share);
      }
      return loss.item() * share;
    }
  }

  private static double norm(List<Tensor> tensors) {
    try (var _ = new TensorScope()) {
      double sum = 0;
      for (Tensor t : tensors) {
        double n = t.norm().item();
        sum += n * n;
      }
      return Math.sqrt(sum);
    }
  }

  /** Releases weights, moments and gradients. */
  @Override
  public void close() {
    owner.close();
  }
}
