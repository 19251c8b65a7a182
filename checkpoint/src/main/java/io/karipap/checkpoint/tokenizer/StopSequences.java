package io.karipap.checkpoint.tokenizer;

import java.util.List;

/**
 * Ends a text that comes in pieces before the first of some strings in it. What may be the
 * beginning of one of them is held back until the next piece decides.
 */
public final class StopSequences {

  private final List<String> stops;
  private final int longest;
  private String held = "";
  private boolean stopped;

  /**
   * For one text.
   *
   * @throws IllegalArgumentException if one of the strings is empty
   */
  public StopSequences(List<String> stops) {
    if (stops.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("a stop sequence must not be empty");
    }
    this.stops = List.copyOf(stops);
    this.longest = stops.stream().mapToInt(String::length).max().orElse(0);
  }

  /** The part of the text that one more piece makes certain; empty after a stop sequence. */
  public String add(String piece) {
    if (stopped) {
      return "";
    }
    String text = held + piece;
    int end = stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
    if (end >= 0) {
      stopped = true;
      held = "";
      return text.substring(0, end);
    }
    int open = Math.max(0, text.length() - longest + 1);
    while (open < text.length() && !begins(text.substring(open))) {
      open++;
    }
    open = Math.min(open, text.length()); // without stop sequences nothing is open
    held = text.substring(open);
    return text.substring(0, open);
  }

  private boolean begins(String end) {
    return stops.stream().anyMatch(stop -> stop.startsWith(end));
  }

  /** The end of the text: what was held back. */
  public String flush() {
    String rest = held;
    held = "";
    return rest;
  }

  /** Whether a stop sequence has come. */
  public boolean stopped() {
    return stopped;
  }
}
