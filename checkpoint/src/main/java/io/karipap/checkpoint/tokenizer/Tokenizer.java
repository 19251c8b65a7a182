package io.karipap.checkpoint.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.JsonFields;
import io.karipap.checkpoint.config.ModelConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Text to ids and back with the model's own tokenizer.json, by the Hugging Face tokenizers library.
 * Works offline. Safe for use by several threads until it is closed.
 */
public final class Tokenizer implements AutoCloseable {
  private static final String FILE_NAME = "tokenizer.json";
  private static final String OPTIONS_FILE_NAME = "tokenizer_config.json";

  private static final Map<String, String> PLAIN =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final Path path;
  private final HuggingFaceTokenizer library;
  private final Vocabulary vocabulary;
  private final OptionalInt bos;

  private Tokenizer(
      Path path, HuggingFaceTokenizer library, Vocabulary vocabulary, OptionalInt bos) {
    this.path = path;
    this.library = library;
    this.vocabulary = vocabulary;
    this.bos = bos;
  }

  /**
   * Opens tokenizer.json of a model's folder, and tokenizer_config.json where there is one.
   *
   * @param config the model that the ids are for
   * @throws CheckpointException where a file is missing or malformed, or the tokenizer has ids that
   *     the model's embedding has no row for
   */
  public static Tokenizer open(Path modelFolder, ModelConfig config) {
    Path path = modelFolder.resolve(FILE_NAME);
    if (!Files.exists(path)) {
      throw new CheckpointException(
          "%s does not exist: the model has no tokenizer; copy the file from the original model"
              .formatted(path));
    }
    String json = Json.text(path);
    Vocabulary vocabulary = Vocabulary.of(Json.parse(json, path), path);
    if (vocabulary.size() > config.vocabularySize()) {
      throw new CheckpointException(
          "%s has ids up to %d, but the model's vocab_size is %d; it is another model's tokenizer"
              .formatted(path, vocabulary.size() - 1, config.vocabularySize()));
    }
    HuggingFaceTokenizer library = load(json, path);
    try {
      return new Tokenizer(
          path, library, vocabulary, bos(library, vocabulary, modelFolder, config));
    } catch (RuntimeException e) {
      library.close();
      throw e;
    }
  }

  private static HuggingFaceTokenizer load(String json, Path path) {
    // unless told so, the library reports its use to its makers and looks for a GPU build of itself
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(UTF_8)), PLAIN);
    } catch (IOException | RuntimeException e) {
      throw Failures.damaged(path, "it is no tokenizer", e);
    }
  }

  /**
   * The id that this tokenizer puts first. {@code add_bos_token} decides where it is given; else
   * the post-processor does, seen by what it adds; else LLaMA's tokenizer class, whose default it
   * is.
   */
  private static OptionalInt bos(
      HuggingFaceTokenizer library, Vocabulary vocabulary, Path folder, ModelConfig config) {
    Path path = folder.resolve(OPTIONS_FILE_NAME);
    ObjectNode json = Files.exists(path) ? Json.read(path) : JsonNodeFactory.instance.objectNode();
    JsonFields options = new JsonFields(json, path.toString());
    OptionalInt named = named(options, vocabulary, config);
    Optional<Boolean> wanted = options.optionalFlag("add_bos_token");
    if (wanted.isPresent()) {
      return wanted.get() ? named : OptionalInt.empty();
    }
    OptionalInt processed = added(library, folder.resolve(FILE_NAME));
    boolean llama = options.optionalText("tokenizer_class").orElse("").startsWith("Llama");
    return processed.isEmpty() && llama ? named : processed;
  }

  private static OptionalInt named(JsonFields options, Vocabulary vocabulary, ModelConfig config) {
    String key = "bos_token"; // the text, or an object that holds it
    String text =
        options.json().path(key).isObject()
            ? options.object(key).text("content")
            : options.optionalText(key).orElse("");
    OptionalInt id = vocabulary.id(text);
    return id.isPresent() || config.bosTokenId() < 0 ? id : OptionalInt.of(config.bosTokenId());
  }

  private static OptionalInt added(HuggingFaceTokenizer library, Path path) {
    long[] plain = ids(library, "a", false, path);
    long[] processed = ids(library, "a", true, path);
    boolean first =
        processed.length > plain.length && (plain.length == 0 || processed[0] != plain[0]);
    return first ? OptionalInt.of(Math.toIntExact(processed[0])) : OptionalInt.empty();
  }

  /**
   * Ids of a text. None is added in front or behind, but the text of a special token becomes its
   * id.
   *
   * @throws CheckpointException where the tokenizer has no id for a part of the text, nor one for
   *     what it does not know
   */
  public int[] encode(String text) {
    return Arrays.stream(ids(library, text, false, path)).mapToInt(Math::toIntExact).toArray();
  }

  private static long[] ids(
      HuggingFaceTokenizer library, String text, boolean withSpecial, Path path) {
    try {
      return library.encode(text, withSpecial, false).getIds();
    } catch (RuntimeException e) {
      throw Failures.damaged(path, "it cannot encode", e);
    }
  }

  /**
   * Text of ids, special tokens left out. Bytes that are not UTF-8 become U+FFFD.
   *
   * @throws IllegalArgumentException for an id outside the vocabulary
   */
  public String decode(int[] ids) {
    return decode(ids, true);
  }

  /**
   * Text of ids, special tokens by their names.
   *
   * @throws IllegalArgumentException for an id outside the vocabulary
   */
  public String decodeKeepingSpecial(int[] ids) {
    return decode(ids, false);
  }

  private String decode(int[] ids, boolean skipSpecial) {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary.size()) {
        throw new IllegalArgumentException(
            "id %d is outside the vocabulary of %d".formatted(id, vocabulary.size()));
      }
    }
    return library.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
  }

  /** Highest id plus one; the model's {@code vocab_size} may be larger. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /** The id to put in front of a document; empty where this tokenizer adds none. */
  public OptionalInt bos() {
    return bos;
  }

  /** Frees the native tokenizer. */
  @Override
  public void close() {
    library.close();
  }
}
