package io.karipap.model.text;

import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Windows that documents are cut into for evaluation and calibration: next to each other, none
 * across two documents.
 */
public final class Windows {

  /**
   * A part of a document.
   *
   * @param document number of the document
   * @param start first token in the document
   * @param length tokens, at least 2
   */
  public record Window(int document, int start, int length) {}

  private Windows() {}

  /**
   * Cuts documents into windows of at most {@code context} tokens; a remainder of one token is left
   * out.
   *
   * @throws IllegalArgumentException if the context has fewer than two tokens: nothing could be
   *     predicted
   */
  public static List<Window> cut(List<TokenSequence> documents, int context) {
    if (context < 2) {
      throw new IllegalArgumentException("a window needs at least 2 tokens, not " + context);
    }
    List<Window> windows = new ArrayList<>();
    for (int d = 0; d < documents.size(); d++) {
      int size = documents.get(d).size();
      for (int start = 0; start + 1 < size; start += context) {
        windows.add(new Window(d, start, Math.min(context, size - start)));
      }
    }
    return windows;
  }

  /** Windows with a limited number of tokens, spread evenly over all windows; at least one. */
  public static List<Window> spread(List<Window> windows, int tokens) {
    long all = windows.stream().mapToLong(Window::length).sum();
    double share = Math.min(1, (double) tokens / Math.max(1, all));
    List<Window> chosen = new ArrayList<>();
    for (int i = 0; i < windows.size(); i++) {
      // the i-th window is taken when share * i passes a whole number
      if (i == 0 || Math.floor(share * (i + 1)) > Math.floor(share * i)) {
        chosen.add(windows.get(i));
      }
    }
    return chosen;
  }

  /**
   * Sorts windows by length into batches of at most {@code tokens} tokens, padding counted, so that
   * little is padded.
   */
  public static List<List<Window>> batches(List<Window> windows, int tokens) {
    List<Window> sorted = new ArrayList<>(windows);
    sorted.sort(Comparator.comparingInt(Window::length).reversed());
    List<List<Window>> batches = new ArrayList<>();
    for (int i = 0; i < sorted.size(); ) {
      int count = Math.max(1, tokens / sorted.get(i).length());
      int end = Math.min(sorted.size(), i + count);
      batches.add(List.copyOf(sorted.subList(i, end)));
      i = end;
    }
    return batches;
  }

  /**
   * Batches of at most {@code tokens} tokens whose windows are all of one length: nothing is
   * padded.
   */
  public static List<List<Window>> unpadded(List<Window> windows, int tokens) {
    Map<Integer, List<Window>> byLength =
        windows.stream()
            .collect(Collectors.groupingBy(Window::length, TreeMap::new, Collectors.toList()));
    return byLength.values().stream().flatMap(group -> batches(group, tokens).stream()).toList();
  }

  /** Ids [batch, longest], zeros behind the shorter windows: a causal model does not see them. */
  public static Tensor ids(List<TokenSequence> documents, List<Window> batch) {
    int longest = batch.stream().mapToInt(Window::length).max().orElse(0);
    long[] flat = new long[batch.size() * longest];
    for (int i = 0; i < batch.size(); i++) {
      Window w = batch.get(i);
      long[] ids = documents.get(w.document()).slice(w.start(), w.length());
      System.arraycopy(ids, 0, flat, i * longest, ids.length);
    }
    return Tensor.of(flat, batch.size(), longest);
  }
}
