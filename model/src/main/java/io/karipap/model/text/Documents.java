package io.karipap.model.text;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Documents of a text, separated by {@code <|endoftext|>}, each stripped of white space around it.
 *
 * @param texts non-empty documents
 */
public record Documents(List<String> texts) {

  private static final String SEPARATOR = "<|endoftext|>";

  /** Copies the list. */
  public Documents {
    texts = List.copyOf(texts);
  }

  /** Splits a text. */
  public static Documents of(String text) {
    return new Documents(
        Arrays.stream(text.split(java.util.regex.Pattern.quote(SEPARATOR)))
            .map(String::strip)
            .filter(document -> !document.isEmpty())
            .toList());
  }

  /**
   * Reads a UTF-8 file.
   *
   * @throws CheckpointException if it cannot be read, or holds no text
   */
  public static Documents read(Path file) {
    try {
      Documents documents = of(Files.readString(file));
      if (documents.texts().isEmpty()) {
        throw new CheckpointException("the text " + file + " is empty: give a file with some text");
      }
      return documents;
    } catch (CharacterCodingException e) {
      throw new CheckpointException("the text " + file + " is not UTF-8: convert it first");
    } catch (IOException e) {
      throw new CheckpointException("the text " + file + " cannot be read: " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : String.valueOf(e.getMessage());
  }

  /** Ids of every document, each with the tokenizer's BOS in front if it has one. */
  public List<TokenSequence> encode(Tokenizer tokenizer) {
    return texts.parallelStream()
        .map(text -> TokenSequence.of(withBos(tokenizer, tokenizer.encode(text))))
        .toList();
  }

  /** All documents one behind the other, each with its BOS: what training windows are cut from. */
  public TokenSequence join(Tokenizer tokenizer) {
    return TokenSequence.of(
        encode(tokenizer).stream()
            .flatMapToLong(document -> Arrays.stream(document.slice(0, document.size())))
            .mapToInt(Math::toIntExact)
            .toArray());
  }

  /** Ids with the tokenizer's BOS in front, if it has one. */
  public static int[] withBos(Tokenizer tokenizer, int[] ids) {
    return IntStream.concat(tokenizer.bos().stream(), Arrays.stream(ids)).toArray();
  }
}
