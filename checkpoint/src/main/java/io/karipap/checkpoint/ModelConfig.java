package io.karipap.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** The architecture of a LLaMA-family decoder, as Hugging Face's config.json says it. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public record ModelConfig(
    String architecture,
    String modelType,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDimension,
    int vocabularySize,
    int contextLength,
    double normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean attentionBias,
    boolean attentionOutputBias,
    boolean mlpBias,
    boolean tiedEmbeddings,
    OptionalInt slidingWindow,
    int bosTokenId,
    List<Integer> eosTokenIds,
    ObjectNode raw) {
  /** Reads config.json, and generation_config.json beside it. */
  public static ModelConfig read(Path configJson) {
    throw new UnsupportedOperationException();
  }

  /** Parses a configuration; {@code where} names its source in errors. */
  public static ModelConfig parse(ObjectNode json, String where) {
    throw new UnsupportedOperationException();
  }
}
