package io.karipap.model.task;

import io.karipap.model.evaluate.Likelihood;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** One question of a task: what a model has to predict for it, and whether it did right. */
public sealed interface Example {

  /**
   * A text and what may follow it.
   *
   * @param context not blank
   * @param following starts with the space that separates it from the context
   */
  record Request(String context, String following) {}

  /**
   * What became of an example.
   *
   * @param isRight whether the answer is the right one
   * @param isRightByLength the same, when every answer's log-likelihood is divided by its length
   * @param logLikelihood of the right answer, where a task is scored by it
   */
  record Outcome(
      boolean isRight, Optional<Boolean> isRightByLength, OptionalDouble logLikelihood) {}

  /** The log-likelihoods that it takes. */
  List<Request> requests();

  /** Scores it, given the answer to each of its requests. */
  Outcome outcome(List<Likelihood> likelihoods);

  /**
   * A text and its last word, which is right if each of its tokens is the likeliest (LAMBADA,
   * Paperno et al., arXiv:1606.06031).
   *
   * @param context the text
   * @param word what follows
   */
  record Cloze(String context, String word) implements Example {

    @Override
    public List<Request> requests() {
      return List.of(new Request(context, spaced(word)));
    }

    @Override
    public Outcome outcome(List<Likelihood> likelihoods) {
      Likelihood only = likelihoods.getFirst();
      return new Outcome(only.isGreedy(), Optional.empty(), OptionalDouble.of(only.logarithm()));
    }
  }

  /**
   * A question with several answers; the likeliest is chosen, the first of equals. The length that
   * log-likelihoods are divided by is that of the answer in characters (Unicode code points),
   * without the space in front.
   *
   * @param question the prompt, with all that comes before the answer but a space
   * @param answers at least 2
   * @param gold number of the right one
   */
  record MultipleChoice(String question, List<String> answers, int gold) implements Example {

    /** Copies the list. */
    public MultipleChoice {
      answers = List.copyOf(answers);
    }

    @Override
    public List<Request> requests() {
      return answers.stream().map(answer -> new Request(question, spaced(answer))).toList();
    }

    @Override
    public Outcome outcome(List<Likelihood> likelihoods) {
      int byLength =
          best(
              likelihoods.size(),
              i -> likelihoods.get(i).logarithm() / answers.get(i).codePoints().count());
      return new Outcome(
          likeliest(likelihoods) == gold, Optional.of(byLength == gold), OptionalDouble.empty());
    }
  }

  /**
   * A sentence whose beginning has several readings; right is the one after which its end is the
   * likeliest (WinoGrande, Sakaguchi et al., arXiv:1907.10641, with the partial scoring of Trinh
   * and Le, arXiv:1806.02847).
   *
   * @param beginnings at least 2
   * @param end what follows all of them
   * @param gold number of the right one
   */
  record PartialChoice(List<String> beginnings, String end, int gold) implements Example {

    /** Copies the list. */
    public PartialChoice {
      beginnings = List.copyOf(beginnings);
    }

    @Override
    public List<Request> requests() {
      return beginnings.stream().map(beginning -> new Request(beginning, spaced(end))).toList();
    }

    @Override
    public Outcome outcome(List<Likelihood> likelihoods) {
      return new Outcome(likeliest(likelihoods) == gold, Optional.empty(), OptionalDouble.empty());
    }
  }

  private static int likeliest(List<Likelihood> likelihoods) {
    return best(likelihoods.size(), i -> likelihoods.get(i).logarithm());
  }

  /** The first of those with the highest score. */
  private static int best(int count, IntToDoubleFunction score) {
    return IntStream.range(0, count)
        .boxed()
        .reduce(0, (a, b) -> score.applyAsDouble(b) > score.applyAsDouble(a) ? b : a);
  }

  /** A text with a space in front, unless it starts with white space. */
  private static String spaced(String text) {
    return Character.isWhitespace(text.codePointAt(0)) ? text : " " + text;
  }
}
