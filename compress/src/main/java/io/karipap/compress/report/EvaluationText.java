package io.karipap.compress.report;

import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows.Window;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a text that a report's figures are measured on.
 *
 * @param name of the text
 * @param documents all of the text
 * @param windows the part, at least one window
 * @param heldOut whether the model has not seen the part
 */
public record EvaluationText(
    String name, List<TokenSequence> documents, List<Window> windows, boolean heldOut) {

  private static final long MOST = 4096;
  private static final long LEAST = 256;

  /** Parameters times tokens that take no more than some seconds anywhere. */
  private static final double SMALL = 2e10;

  /** Three passes over these tokens are a few percent of a run whose passes see the whole text. */
  private static final long PART = 16;

  /**
   * The end of a text.
   *
   * @param candidates windows that were not learnt from
   * @param seen windows that fits have used, which are left out if others remain
   * @param tokens of the part at most, unless one window has more
   */
  public static EvaluationText of(
      String name,
      List<TokenSequence> documents,
      List<Window> candidates,
      Collection<Window> seen,
      long tokens) {
    Set<Window> used = new HashSet<>(seen);
    List<Window> fresh = candidates.stream().filter(window -> !used.contains(window)).toList();
    boolean heldOut = !fresh.isEmpty();
    return new EvaluationText(name, documents, end(heldOut ? fresh : candidates, tokens), heldOut);
  }

  private static List<Window> end(List<Window> windows, long tokens) {
    List<Window> end = new ArrayList<>();
    long sum = 0;
    for (Window window : windows.reversed()) {
      if (!end.isEmpty() && sum + window.length() > tokens) {
        break;
      }
      end.add(window);
      sum += window.length();
    }
    return end.reversed();
  }

  /**
   * Tokens to measure on: few beside those of the run, but as many as take no time.
   *
   * @param parameters of the model
   * @param run tokens that the run put through the model
   */
  public static long tokens(long parameters, long run) {
    long small = (long) (SMALL / Math.max(1, parameters));
    return Math.clamp(Math.max(small, run / PART), LEAST, MOST);
  }
}
