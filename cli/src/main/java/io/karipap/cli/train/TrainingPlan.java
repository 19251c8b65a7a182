package io.karipap.cli.train;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Architecture;
import io.karipap.model.family.Architectures;
import io.karipap.model.train.TrainingSettings;
import io.karipap.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The contents of a training configuration file, with the keys model, tokenizer and training.
 *
 * @param architecture as the fields of a Hugging Face config.json
 * @param tokenizer folder with tokenizer.json
 * @param settings how it is trained
 */
public record TrainingPlan(Architecture architecture, Path tokenizer, TrainingSettings settings) {

  private static final Set<String> KEYS = Set.of("model", "tokenizer", "training");

  private static final Set<String> TRAINING_KEYS =
      Set.of(
          "tokens",
          "batch_tokens",
          "micro_tokens",
          "context",
          "learning_rate",
          "warmup_tokens",
          "final_fraction",
          "weight_decay",
          "clip",
          "compute",
          "seed");

  /**
   * Reads a configuration file.
   *
   * @throws CheckpointException if it is unreadable, or a field is missing, unknown or out of range
   */
  public static TrainingPlan read(Path file) {
    JsonNode json = parse(file);
    checkKeys(json, KEYS, file.toString());
    checkKeys(json.path("training"), TRAINING_KEYS, file + ", training");
    if (!(json.path("model") instanceof ObjectNode model)) {
      throw wrong(file, "model", "must be an object with the fields of a Hugging Face config.json");
    }
    Architecture architecture = Architectures.standard().parse(model, file + ", model");
    ModelConfig config = architecture.config();
    TrainingSettings settings = settings(json.path("training"), file);
    if (settings.context() > config.contextLength()) {
      throw wrong(file, "context", "must not exceed the model's max_position_embeddings");
    }
    return new TrainingPlan(
        architecture, tokenizer(json.path("tokenizer").asText(), file), settings);
  }

  private static JsonNode parse(Path file) {
    try {
      return JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build()
          .readTree(Files.readString(file));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new CheckpointException(
          "%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new CheckpointException(file + " does not exist: give a training configuration", e);
    } catch (IOException e) {
      throw new CheckpointException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void checkKeys(JsonNode json, Set<String> known, String where) {
    for (var entry : json.properties()) {
      if (!known.contains(entry.getKey())) {
        throw new CheckpointException(
            "%s: unknown field '%s'; known are %s"
                .formatted(
                    where, entry.getKey(), String.join(", ", known.stream().sorted().toList())));
      }
    }
  }

  private static Path tokenizer(String name, Path file) {
    Path path = file.toAbsolutePath().resolveSibling(name).normalize();
    Path json = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    if (name.isEmpty() || !json.endsWith("tokenizer.json") || !Files.exists(json)) {
      throw wrong(
          file, "tokenizer", "must be the path of a tokenizer.json, from this file's folder");
    }
    return json.resolveSibling("");
  }

  private static TrainingSettings settings(JsonNode json, Path file) {
    try {
      return new TrainingSettings(
          (long) number(json, "tokens", file),
          new TrainingSettings.Batch(
              (int) number(json, "batch_tokens", file),
              (int) number(json, "micro_tokens", file),
              (int) number(json, "context", file)),
          new TrainingSettings.Optimization(
              number(json, "learning_rate", file),
              (long) number(json, "warmup_tokens", file),
              number(json, "final_fraction", file),
              number(json, "weight_decay", file),
              number(json, "clip", file)),
          compute(json.path("compute").asText(), file),
          (long) number(json, "seed", file));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException("%s, training: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static double number(JsonNode json, String key, Path file) {
    if (!json.path(key).isNumber()) {
      throw wrong(file, key, "must be a number");
    }
    return json.path(key).doubleValue();
  }

  private static DType compute(String name, Path file) {
    return switch (name) {
      case "bf16" -> DType.BF16;
      case "f32" -> DType.F32;
      default -> throw wrong(file, "compute", "must be \"bf16\" or \"f32\"");
    };
  }

  private static CheckpointException wrong(Path file, String key, String what) {
    return new CheckpointException("%s: %s %s".formatted(file, key, what));
  }
}
