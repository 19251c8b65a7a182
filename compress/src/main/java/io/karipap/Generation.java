package io.karipap;

import java.util.Iterator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A text that a model is writing. Its pieces are computed when they are asked for, once: all
 * iterators and streams of one generation share its place. A piece holds whole characters and is
 * never empty.
 *
 * <p>What it holds of the model's memory is released at its end, when it is closed, or with its
 * model.
 */
public interface Generation extends Iterable<String>, AutoCloseable {

  /**
   * The pieces that are left.
   *
   * @throws IllegalStateException from {@link Iterator#hasNext} if the model was closed meanwhile
   */
  @Override
  Iterator<String> iterator();

  /** The pieces that are left, as a sequential stream. */
  default Stream<String> stream() {
    return StreamSupport.stream(spliterator(), false).onClose(this::close);
  }

  /** Writes on to the end; gives all that was left. */
  default String text() {
    StringBuilder text = new StringBuilder();
    forEach(text::append);
    return text.toString();
  }

  /** Number of tokens computed so far, without an end of sequence. */
  int tokens();

  /** Ends the text here. */
  @Override
  void close();
}
