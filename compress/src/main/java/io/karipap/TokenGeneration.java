package io.karipap;

import io.karipap.checkpoint.tokenizer.StopSequences;
import io.karipap.checkpoint.tokenizer.StreamingDecoder;
import io.karipap.model.generate.TokenStream;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalInt;

/** The text of a stream of tokens. */
@SuppressWarnings("IterableAndIterator") // there is one text, which goes on where it is
final class TokenGeneration implements Generation, Iterator<String> {

  private final TokenStream stream;
  private final StreamingDecoder decoder;
  private final StopSequences stop;
  private final Runnable release;
  private String piece = "";
  private int tokens;
  private boolean ended;

  /**
   * A text at its beginning.
   *
   * @param decoder that has seen the prompt
   * @param release called once, when the stream is not needed any more
   */
  TokenGeneration(
      TokenStream stream, StreamingDecoder decoder, StopSequences stop, Runnable release) {
    this.stream = stream;
    this.decoder = decoder;
    this.stop = stop;
    this.release = release;
  }

  @Override
  public Iterator<String> iterator() {
    return this;
  }

  @Override
  public boolean hasNext() {
    while (piece.isEmpty() && !ended) {
      piece = stop.stopped() ? end() : advance();
    }
    return !piece.isEmpty();
  }

  private String advance() {
    OptionalInt id = stream.next();
    if (id.isEmpty()) {
      return end();
    }
    tokens++;
    return stop.add(decoder.add(id.getAsInt()));
  }

  private String end() {
    close();
    return stop.add(decoder.flush()) + stop.flush();
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the text has ended");
    }
    String next = piece;
    piece = "";
    return next;
  }

  @Override
  public int tokens() {
    return tokens;
  }

  @Override
  public void close() {
    if (!ended) {
      ended = true;
      piece = "";
      release.run();
    }
  }
}
