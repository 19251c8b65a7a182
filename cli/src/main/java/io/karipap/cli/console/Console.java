package io.karipap.cli.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Everything that a command says to its user goes through here.
 *
 * @param streams where it is printed
 * @param json whether results are one JSON object instead of text
 */
public record Console(Streams streams, boolean json) {

  /** A line of the result, for people only. */
  public void say(String line) {
    if (!json) {
      streams.out().println(line);
      streams.out().flush(); // the next stage may take minutes
    }
  }

  /** A piece of the result as it is made, for people only. */
  public void stream(String text) {
    if (!json) {
      streams.out().print(text);
      streams.out().flush();
    }
  }

  /** A table of the result, for people only. */
  public void table(Table table) {
    if (!json) {
      table.lines().forEach(streams.out()::println);
    }
  }

  /** The whole result, for programs only. */
  public void result(JsonNode object) {
    if (json) {
      streams.out().println(object.toPrettyString());
    }
  }

  /** Something to know that is not part of the result. */
  public void note(String line) {
    streams.err().println(line);
  }

  /** Progress bars on a terminal, silence elsewhere. Close it before printing the result. */
  public ProgressBars bars() {
    return new ProgressBars(this);
  }

  /** Column titles of a new table. */
  public static Table table(String... titles) {
    return new Table(List.of(titles));
  }
}
