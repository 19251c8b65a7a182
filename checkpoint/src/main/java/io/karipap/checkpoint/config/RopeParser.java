package io.karipap.checkpoint.config;

import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.JsonFields;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Rotary embedding in config.json: {@code rope_theta} with {@code rope_scaling}, or both in {@code
 * rope_parameters} as newer files have it.
 */
final class RopeParser {
  private static final double LARGEST_FACTOR = 1e6;
  private static final double LARGEST_THETA = 1e12;

  private final JsonFields config;
  private final int context;

  RopeParser(JsonFields config, int context) {
    this.config = config;
    this.context = context;
  }

  double theta() {
    OptionalDouble inner =
        config
            .optionalObject("rope_parameters")
            .map(rope -> rope.optionalNumber("rope_theta", 1, LARGEST_THETA))
            .orElse(OptionalDouble.empty());
    return inner.isPresent()
        ? inner.getAsDouble()
        : config.optionalNumber("rope_theta", 1, LARGEST_THETA).orElse(10_000);
  }

  RopeScaling scaling() {
    return config
        .optionalObject("rope_parameters")
        .or(() -> config.optionalObject("rope_scaling"))
        .map(this::scaling)
        .orElse(new RopeScaling.None());
  }

  private RopeScaling scaling(JsonFields rope) {
    Optional<String> type = rope.optionalText("rope_type").or(() -> rope.optionalText("type"));
    return switch (type.orElse("")) {
      case "default" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.Linear(rope.number("factor", 1, LARGEST_FACTOR));
      case "llama3" -> llama3(rope);
      case "yarn" -> yarn(rope);
      default ->
          throw rope.wrong(
              "rope_type",
              "is %s; supported are default, linear, llama3 and yarn"
                  .formatted(type.map(Failures::quoted).orElse("missing")));
    };
  }

  private RopeScaling llama3(JsonFields rope) {
    double low = rope.number("low_freq_factor", 1e-6, LARGEST_FACTOR);
    double high = rope.number("high_freq_factor", 1e-6, LARGEST_FACTOR);
    if (low >= high) {
      throw rope.wrong(
          "low_freq_factor", "is %s, not less than high_freq_factor, %s".formatted(low, high));
    }
    return new RopeScaling.Llama3(
        rope.number("factor", 1, LARGEST_FACTOR),
        low,
        high,
        rope.integer("original_max_position_embeddings", 1, Integer.MAX_VALUE));
  }

  private RopeScaling yarn(JsonFields rope) {
    int original =
        rope.optionalInteger("original_max_position_embeddings", 1, Integer.MAX_VALUE)
            .orElse(context);
    double factor = rope.number("factor", 1, LARGEST_FACTOR);
    double fast = rope.optionalNumber("beta_fast", 1e-6, LARGEST_FACTOR).orElse(32);
    double slow = rope.optionalNumber("beta_slow", 1e-6, LARGEST_FACTOR).orElse(1);
    if (slow >= fast) {
      throw rope.wrong("beta_slow", "is %s, not less than beta_fast, %s".formatted(slow, fast));
    }
    return new RopeScaling.Yarn(
        factor, original, fast, slow, attention(rope, factor), rope.flag("truncate", true));
  }

  /** As in the transformers library: given, or from the two mscale fields, or from the factor. */
  private static double attention(JsonFields rope, double factor) {
    double numerator = rope.optionalNumber("mscale", 0, LARGEST_FACTOR).orElse(0);
    double denominator = rope.optionalNumber("mscale_all_dim", 0, LARGEST_FACTOR).orElse(0);
    double implied =
        numerator != 0 && denominator != 0
            ? temperature(factor, numerator) / temperature(factor, denominator)
            : temperature(factor, 1);
    return rope.optionalNumber("attention_factor", 1e-6, LARGEST_FACTOR).orElse(implied);
  }

  /**
   * {@code 0.1 m ln(s) + 1}: the square root of 1/t in equation 22 of the YaRN paper, for m = 1.
   */
  private static double temperature(double factor, double scale) {
    return 0.1 * scale * Math.log(factor) + 1;
  }
}
