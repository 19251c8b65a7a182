package io.karipap.checkpoint;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Suggestions for a name that does not exist. */
public final class ClosestNames {
  private static final int SUGGESTIONS = 3;

  /** A hint is not worth more time than this many comparisons take. */
  private static final int MOST_COMPARED = 5_000;

  private ClosestNames() {}

  /** {@code "; the closest names are 'a', 'b', 'c'"}, or nothing where there are no names. */
  public static String hint(String wanted, Collection<String> names) {
    record Candidate(String name, int distance) {}
    List<String> closest =
        names.stream()
            .limit(MOST_COMPARED)
            .map(name -> new Candidate(name, distance(wanted, name)))
            .sorted(Comparator.comparingInt(Candidate::distance))
            .limit(SUGGESTIONS)
            .map(Candidate::name)
            .toList();
    return closest.isEmpty()
        ? "; it is empty"
        : closest.stream()
            .map(Failures::quoted)
            .collect(Collectors.joining(", ", "; the closest names are ", ""));
  }

  /** Insertions, deletions and replacements between two strings (Levenshtein). */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
