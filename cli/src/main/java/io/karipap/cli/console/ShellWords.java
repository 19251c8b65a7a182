package io.karipap.cli.console;

import java.util.List;
import java.util.stream.Collectors;

/** Words of a command line, quoted for a POSIX shell. */
public final class ShellWords {

  private ShellWords() {}

  /** A program and its arguments as one line that a shell splits into the same words. */
  public static String joined(String program, List<String> arguments) {
    return arguments.stream()
        .map(ShellWords::quoted)
        .collect(Collectors.joining(" ", program + (arguments.isEmpty() ? "" : " "), ""));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
