package io.karipap.checkpoint.config;

import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.JsonFields;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * config.json to {@link LlamaConfig}. What a file leaves out has the value that the transformers
 * library gives it.
 */
final class LlamaConfigParser {
  // far above every published model; a product of any two fits a long, heads * head_dim an int
  private static final int WIDEST = 1 << 20;
  private static final int DEEPEST = 1 << 14;
  private static final int MOST_HEADS = 1 << 14;
  private static final int WIDEST_HEAD = 1 << 13;
  private static final int LARGEST_VOCABULARY = 1 << 24;
  private static final int LONGEST_CONTEXT = 1 << 28;

  private static final int MISTRAL_WINDOW = 4096;
  private static final int QWEN2_WINDOW = 4096;
  private static final int QWEN2_FULL_LAYERS = 28;

  /** The architectures that share LLaMA's block, by what they differ in. */
  private enum Family {
    /** LLaMA: one switch for all four attention biases. */
    LlamaForCausalLM,
    /** Mistral: no biases; a sliding window over all layers. */
    MistralForCausalLM,
    /** Qwen2: biases on query, key and value; a sliding window on request. */
    Qwen2ForCausalLM
  }

  private final ConfigFile file;
  private final JsonFields fields;

  LlamaConfigParser(ConfigFile file) {
    this.file = file;
    this.fields = file.fields();
  }

  static List<String> names() {
    return Arrays.stream(Family.values()).map(Family::name).toList();
  }

  LlamaConfig parse() {
    Family family = family();
    checkSupported();
    int layers = fields.integer("num_hidden_layers", 1, DEEPEST);
    int hidden = fields.integer("hidden_size", 1, WIDEST);
    int heads = fields.integer("num_attention_heads", 1, MOST_HEADS);
    int context = fields.integer("max_position_embeddings", 1, LONGEST_CONTEXT);
    int vocabulary = fields.integer("vocab_size", 1, LARGEST_VOCABULARY);
    RopeParser rope = new RopeParser(fields, context);
    boolean attentionBias = attentionBias(family);
    boolean tied = fields.flag("tie_word_embeddings", false);
    return new LlamaConfig(
        ModelConfig.of(file, hidden, layers, vocabulary, context, tied),
        fields.integer("intermediate_size", 1, 4 * WIDEST),
        heads,
        keyValueHeads(heads),
        headDimension(hidden, heads),
        fields.optionalNumber("rms_norm_eps", 0, 1).orElse(1e-6),
        rope.theta(),
        rope.scaling(),
        attentionBias,
        attentionBias && family == Family.LlamaForCausalLM,
        family == Family.LlamaForCausalLM && fields.flag("mlp_bias", false),
        slidingWindow(family, layers));
  }

  private Family family() {
    List<String> named = file.architectures();
    for (Family family : Family.values()) {
      if (named.equals(List.of(family.name()))) {
        return family;
      }
    }
    throw file.unsupported(names());
  }

  private void checkSupported() {
    String activation = fields.optionalText("hidden_act").orElse("silu");
    if (!activation.equals("silu")) {
      throw fields.wrong(
          "hidden_act", "is %s; only 'silu' is supported".formatted(Failures.quoted(activation)));
    }
    if (fields.has("quantization_config")) {
      throw fields.wrong(
          "quantization_config",
          "says that the weights are quantized; give the original, unquantized model");
    }
    if (fields.optionalNumber("partial_rotary_factor", 0, 1).orElse(1) != 1) {
      throw fields.wrong("partial_rotary_factor", "is not 1, which is not supported");
    }
  }

  private boolean attentionBias(Family family) {
    return switch (family) {
      case LlamaForCausalLM -> fields.flag("attention_bias", false);
      case MistralForCausalLM -> false;
      case Qwen2ForCausalLM -> fields.flag("attention_bias", true);
    };
  }

  private int keyValueHeads(int heads) {
    int keyValueHeads = fields.optionalInteger("num_key_value_heads", 1, heads).orElse(heads);
    if (heads % keyValueHeads != 0) {
      throw fields.wrong(
          "num_key_value_heads",
          "is %d, which does not divide num_attention_heads, %d".formatted(keyValueHeads, heads));
    }
    return keyValueHeads;
  }

  private int headDimension(int hidden, int heads) {
    OptionalInt given = fields.optionalInteger("head_dim", 2, WIDEST_HEAD);
    if (given.isEmpty() && hidden % heads != 0) {
      throw fields.wrong(
          "hidden_size",
          "is %d, which num_attention_heads, %d, does not divide; head_dim is needed"
              .formatted(hidden, heads));
    }
    int dimension = given.orElse(hidden / heads);
    if (dimension % 2 != 0) {
      throw fields.wrong(
          "head_dim", "is %d; rotary embedding needs an even number".formatted(dimension));
    }
    return dimension;
  }

  private OptionalInt slidingWindow(Family family, int layers) {
    return switch (family) {
      case LlamaForCausalLM -> OptionalInt.empty();
      case MistralForCausalLM ->
          fields.json().has("sliding_window")
              ? fields.optionalInteger("sliding_window", 1, LONGEST_CONTEXT)
              : OptionalInt.of(MISTRAL_WINDOW);
      case Qwen2ForCausalLM ->
          fields.flag("use_sliding_window", false) ? qwen2Window(layers) : OptionalInt.empty();
    };
  }

  /** Qwen2 gives the first {@code max_window_layers} blocks full attention, the rest a window. */
  private OptionalInt qwen2Window(int layers) {
    int full =
        fields.optionalInteger("max_window_layers", 0, Integer.MAX_VALUE).orElse(QWEN2_FULL_LAYERS);
    if (full >= layers) {
      return OptionalInt.empty();
    }
    if (full > 0) {
      throw fields.wrong(
          "max_window_layers",
          "is %d of %d layers; full and sliding attention in one model are not supported"
              .formatted(full, layers));
    }
    return OptionalInt.of(
        fields.optionalInteger("sliding_window", 1, LONGEST_CONTEXT).orElse(QWEN2_WINDOW));
  }
}
