package io.karipap.bench.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The repository's pages for people. */
final class Pages {

  /** Folder of the repository: the nearest one above that holds the command. */
  static final Path ROOT = root();

  private Pages() {}

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("karipap")) || !Files.exists(folder.resolve("docs"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** README.md, CONTRIBUTING.md and everything in docs. */
  static List<Path> all() {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      List<Path> pages = new ArrayList<>();
      pages.add(ROOT.resolve("README.md"));
      pages.add(ROOT.resolve("CONTRIBUTING.md"));
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
      return pages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A page's text. */
  static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A page of the repository. */
  static String text(String page) {
    return text(ROOT.resolve(page));
  }

  /** What stands under a heading of the second level, to the next one. */
  static String section(String page, String heading) {
    String text = text(page);
    int start = text.indexOf("\n## " + heading + "\n");
    if (start < 0) {
      throw new AssertionError(page + " has no section '" + heading + "'");
    }
    int end = text.indexOf("\n## ", start + 4);
    return end < 0 ? text.substring(start) : text.substring(start, end);
  }

  /** The cells of the rows of the n-th table in a text, head first, without its ruler. */
  static List<List<String>> table(String text, int n) {
    List<List<List<String>>> tables = new ArrayList<>();
    boolean within = false;
    for (String line : text.lines().toList()) {
      boolean row = line.startsWith("|");
      if (row && !within) {
        tables.add(new ArrayList<>());
      }
      if (row && !line.matches("[|:\\- ]+")) {
        tables.getLast().add(cells(line));
      }
      within = row;
    }
    return tables.get(n);
  }

  private static List<String> cells(String line) {
    String inner = line.strip().replaceFirst("^\\|", "").replaceFirst("\\|$", "");
    return Arrays.stream(inner.split("(?<!\\\\)\\|", -1)).map(String::strip).toList();
  }
}
