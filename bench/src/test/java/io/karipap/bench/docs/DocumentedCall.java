package io.karipap.bench.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call of the command as a page shows it.
 *
 * @param page it is on
 * @param words behind {@code ./karipap}, with placeholders such as MODEL or N
 */
record DocumentedCall(Path page, String words) {

  private static final Pattern BLOCK =
      Pattern.compile("(?m)^(?: {4})?\\./karipap (.*(?:\n {6,}.*)*)");
  private static final Pattern INLINE = Pattern.compile("`\\./karipap ([^`]+)`");

  /**
   * Words that stand for a value that is not a text. Others, such as MODEL, are values as they are.
   */
  private static final Map<String, String> PLACEHOLDERS =
      Map.ofEntries(
          Map.entry("N", "1"),
          Map.entry("K", "2"),
          Map.entry("TOKENS", "1000"),
          Map.entry("SHARE", "0.5"),
          Map.entry("FORM", "lowrank"),
          Map.entry("FORMAT", "int4"),
          Map.entry("WHAT", "all"),
          Map.entry("LATTICE", "ising"),
          Map.entry("SCHEME", "trg"),
          Map.entry("CHI", "8"),
          Map.entry("BUDGET", "--parameters=0.3"));

  /** All calls on a page: those in indented blocks, and those in a line of text. */
  static List<DocumentedCall> of(Path page, String markdown) {
    List<DocumentedCall> calls = new ArrayList<>();
    for (Pattern pattern : List.of(BLOCK, INLINE)) {
      Matcher matcher = pattern.matcher(markdown);
      while (matcher.find()) {
        String words = matcher.group(1).replace("\\\n", " ").replaceAll("\\s+", " ").strip();
        calls.add(new DocumentedCall(page, words));
      }
    }
    return calls;
  }

  /**
   * What somebody might type: brackets around optional words are dropped, of alternatives {@code
   * a|b} the first is taken, dots of repetition are dropped, and numbers stand in for placeholders.
   */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    for (String word : unquoted(words.replaceAll("\\s*\\|\\s*", "|").replaceAll("[\\[\\]]", ""))) {
      String plain = word.replace("...", "").split("\\|", 2)[0];
      if (!plain.isEmpty()) {
        arguments.add(PLACEHOLDERS.getOrDefault(plain, plain));
      }
    }
    return arguments;
  }

  /** Words at spaces, those in quotes as one. */
  private static List<String> unquoted(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)").matcher(line);
    while (word.find()) {
      words.add(
          word.group(1) != null
              ? word.group(1)
              : word.group(2) != null ? word.group(2) : word.group(3));
    }
    return words;
  }

  @Override
  public String toString() {
    return page.getFileName() + ": " + words;
  }
}
