package io.karipap.model;

import java.util.ArrayList;
import java.util.List;

/** Windows that documents are cut into for evaluation and calibration: next to each other, none across two documents. */
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

  /** Cuts documents into windows of at most {@code context} tokens; a remainder of one token is left out. */
  public static List<Window> cut(List<TokenSequence> documents, int context) {
    List<Window> windows = new ArrayList<>();
    for (int d = 0; d < documents.size(); d++) {
      int size = documents.get(d).size();
      for (int start = 0; start + 1 < size; start += context) {
        windows.add(new Window(d, start, Math.min(context, size - start)));
      }
    }
    return windows;
  }

  /**
   * Sorts windows by length into batches of at most {@code tokens} tokens, padding counted, so that little is padded.
   */
  public static List<List<Window>> batches(List<Window> windows, int tokens) {
    List<Window> sorted = new ArrayList<>(windows);
    sorted.sort(java.util.Comparator.comparingInt(Window::length).reversed());
    List<List<Window>> batches = new ArrayList<>();
    for (int i = 0; i < sorted.size(); ) {
      int count = Math.max(1, tokens / sorted.get(i).length());
      int end = Math.min(sorted.size(), i + count);
      batches.add(List.copyOf(sorted.subList(i, end)));
      i = end;
    }
    return batches;
  }

  /** Ids [batch, longest], zeros behind the shorter windows: a causal model does not see them. */
  static io.karipap.tensor.Tensor ids(List<TokenSequence> documents, List<Window> batch) {
    int longest = batch.stream().mapToInt(Window::length).max().orElse(0);
    long[] flat = new long[batch.size() * longest];
    for (int i = 0; i < batch.size(); i++) {
      Window w = batch.get(i);
      long[] ids = documents.get(w.document()).slice(w.start(), w.length());
      System.arraycopy(ids, 0, flat, i * longest, ids.length);
    }
    return io.karipap.tensor.Tensor.of(flat, batch.size(), longest);
  }
}
