package io.karipap.checkpoint;

import java.nio.file.Path;
import java.util.OptionalInt;

/** Text to ids and back. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class Tokenizer implements AutoCloseable {
  /** Opens tokenizer.json of a folder. */
  public static Tokenizer open(Path modelFolder, ModelConfig config) {
    throw new UnsupportedOperationException();
  }

  /** Ids without special tokens added. */
  public int[] encode(String text) {
    throw new UnsupportedOperationException();
  }

  /** Text without special tokens. */
  public String decode(int[] ids) {
    throw new UnsupportedOperationException();
  }

  /** Text with special tokens. */
  public String decodeKeepingSpecial(int[] ids) {
    throw new UnsupportedOperationException();
  }

  /** Highest id plus one. */
  public int vocabularySize() {
    throw new UnsupportedOperationException();
  }

  /** Id that goes in front of a document, if the tokenizer adds one. */
  public OptionalInt bos() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
