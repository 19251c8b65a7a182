package io.karipap.checkpoint;

/** Text of a growing sequence of ids. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class StreamingDecoder {
  /** A decoder at the start of a sequence. */
  public StreamingDecoder(Tokenizer tokenizer) {}

  /** The text that this id completes; may be empty. */
  public String add(int id) {
    throw new UnsupportedOperationException();
  }

  /** What was held back. */
  public String flush() {
    throw new UnsupportedOperationException();
  }
}
