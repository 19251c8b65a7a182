package io.karipap.model.task;

import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.arch.Decoder;
import io.karipap.model.evaluate.Continuation;
import io.karipap.model.evaluate.Likelihood;
import io.karipap.model.task.Example.Outcome;
import io.karipap.model.task.Example.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How a model did in a task.
 *
 * @param outcomes one for every example
 * @param cut number of examples with a text that lost its beginning, because the model's context is
 *     too short
 */
public record TaskScore(List<Outcome> outcomes, int cut) {

  /** Copies the list. */
  public TaskScore {
    outcomes = List.copyOf(outcomes);
  }

  /**
   * Examines a model.
   *
   * @param context tokens that the model is given at most
   * @param progress told the share done, from 0 to 1, by one thread at a time
   * @throws IllegalArgumentException if the tokenizer leaves nothing to predict of an answer
   */
  public static TaskScore of(
      Decoder model, Tokenizer tokenizer, Task task, int context, DoubleConsumer progress) {
    List<List<Continuation>> continuations =
        task.examples().parallelStream()
            .map(example -> encode(tokenizer, example.requests(), context))
            .toList();
    List<Likelihood> likelihoods =
        Likelihood.of(model, continuations.stream().flatMap(List::stream).toList(), progress);
    List<Outcome> outcomes = new ArrayList<>();
    int next = 0;
    for (Example example : task.examples()) {
      int end = next + continuations.get(outcomes.size()).size();
      outcomes.add(example.outcome(likelihoods.subList(next, end)));
      next = end;
    }
    int cut =
        Math.toIntExact(
            continuations.stream().filter(c -> c.stream().anyMatch(Continuation::isCut)).count());
    return new TaskScore(outcomes, cut);
  }

  private static List<Continuation> encode(
      Tokenizer tokenizer, List<Request> requests, int context) {
    return requests.stream()
        .map(r -> Continuation.encode(tokenizer, r.context(), r.following(), context))
        .toList();
  }

  /** Share of right answers. */
  public Estimate accuracy() {
    return Estimate.mean(right());
  }

  /** Share of right answers by log-likelihood per character, in multiple choice. */
  public Optional<Estimate> accuracyByLength() {
    return rightByLength().map(Estimate::mean);
  }

  /** exp of the mean negative log-likelihood of a word (not of a token), in cloze tasks. */
  public Optional<Estimate> perplexity() {
    return losses().map(Estimate::mean).map(Estimate::exponential);
  }

  /**
   * Two models held against each other on the same examples: means of the examples' differences,
   * which scatter much less than the models' scores.
   *
   * @param accuracy this model's minus the other's
   * @param accuracyByLength the same, by log-likelihood per character
   * @param loss the same of the negative log-likelihood in nats per word, in cloze tasks
   * @param onlyThis number of examples that only this model does right (McNemar's counts)
   * @param onlyOther number of examples that only the other model does right
   */
  public record Comparison(
      Estimate accuracy,
      Optional<Estimate> accuracyByLength,
      Optional<Estimate> loss,
      int onlyThis,
      int onlyOther) {}

  /**
   * Holds this model against another one.
   *
   * @throws IllegalArgumentException if they were not given the same task
   */
  public Comparison against(TaskScore other) {
    if (other.outcomes.size() != outcomes.size()) {
      throw new IllegalArgumentException(
          "%d examples cannot be compared with %d"
              .formatted(outcomes.size(), other.outcomes.size()));
    }
    double[] differences = difference(right(), other.right());
    return new Comparison(
        Estimate.mean(differences),
        paired(rightByLength(), other.rightByLength()),
        paired(losses(), other.losses()),
        (int) Arrays.stream(differences).filter(d -> d > 0).count(),
        (int) Arrays.stream(differences).filter(d -> d < 0).count());
  }

  private static Optional<Estimate> paired(Optional<double[]> a, Optional<double[]> b) {
    return a.flatMap(x -> b.map(y -> Estimate.mean(difference(x, y))));
  }

  private static double[] difference(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
  }

  private double[] right() {
    return outcomes.stream().mapToDouble(outcome -> one(outcome.isRight())).toArray();
  }

  private Optional<double[]> rightByLength() {
    return where(
        outcome -> outcome.isRightByLength().isPresent(),
        outcome -> one(outcome.isRightByLength().orElseThrow()));
  }

  private Optional<double[]> losses() {
    return where(
        outcome -> outcome.logLikelihood().isPresent(),
        outcome -> -outcome.logLikelihood().orElseThrow());
  }

  /** Values of all outcomes, if all have one. */
  private Optional<double[]> where(Predicate<Outcome> present, ToDoubleFunction<Outcome> value) {
    return outcomes.stream().allMatch(present)
        ? Optional.of(outcomes.stream().mapToDouble(value).toArray())
        : Optional.empty();
  }

  private static double one(boolean isRight) {
    return isRight ? 1 : 0;
  }
}
