package io.karipap.model.io;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;

/** Writes an uncompressed model as an ordinary Hugging Face folder, all or nothing. */
public final class ModelWriter {

  private static final String GENERATION = "generation_config.json";

  private ModelWriter() {}

  /**
   * Writes config.json, model.safetensors in the configuration's {@code torch_dtype}, the
   * tokenizer's files and generation_config.json. Must be called inside a tensor scope.
   *
   * @param tokenizer folder with tokenizer.json
   * @param folder must not exist, or be empty but for the state of a training run
   * @throws CheckpointException if the element type is not one that models are stored in, something
   *     else is in the folder's place, or writing fails; nothing is left behind then
   */
  public static void write(
      Path folder, Architecture architecture, Weights weights, Path tokenizer) {
    ModelConfig config = architecture.config();
    ElementType type = storedType(config);
    SequencedMap<String, Tensor> tensors = CheckpointTensors.of(architecture, weights);
    var infos =
        tensors.entrySet().stream()
            .map(entry -> TensorFiles.info(entry.getKey(), entry.getValue(), type))
            .toList();
    try (ArtifactWriter writer = ArtifactWriter.begin(folder, false)) {
      writer.copyTokenizer(tokenizer);
      if (!Files.exists(tokenizer.resolve(GENERATION))) {
        writer.addText(GENERATION, generation(config).toPrettyString() + "\n");
      }
      try (var file = writer.tensors(infos, Map.of("format", "pt"))) {
        TensorFiles.write(file, tensors, type);
      }
      writer.commit(config.raw());
    }
  }

  /**
   * The element type that a configuration's {@code torch_dtype} names, float32 if it names none.
   *
   * @throws CheckpointException for one that models are not stored in
   */
  public static ElementType storedType(ModelConfig config) {
    String name = config.raw().path("torch_dtype").asText("float32");
    return switch (name) {
      case "float32" -> ElementType.F32;
      case "float16" -> ElementType.F16;
      case "bfloat16" -> ElementType.BF16;
      default ->
          throw new CheckpointException(
              "torch_dtype is '" + name + "': models are written in float32, float16 or bfloat16");
    };
  }

  private static ObjectNode generation(ModelConfig config) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (config.bosTokenId() >= 0) {
      json.put("bos_token_id", config.bosTokenId());
    }
    if (!config.eosTokenIds().isEmpty()) {
      config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
    }
    return json;
  }
}
