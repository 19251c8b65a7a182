package io.karipap.bench.paper;

import io.karipap.compress.CompressionRequest;
import io.karipap.compress.FactorizationKind;
import java.util.function.UnaryOperator;

/**
 * How an artifact is made, step by step: recipes that have their first steps in common share the
 * artifacts of these. The slug identifies the recipe.
 */
sealed interface Recipe {

  /** Its name in file names. */
  String slug();

  /** Whether distillation is one of its steps. */
  default boolean healed() {
    return switch (this) {
      case Original _, Compressed _, Pruned _ -> false;
      case Healed _ -> true;
      case Half(Recipe from) -> from.healed();
      case Coded(Recipe from, String _, int _) -> from.healed();
    };
  }

  /** The model as it is. */
  record Original() implements Recipe {
    @Override
    public String slug() {
      return "original";
    }
  }

  /**
   * The pipeline's result.
   *
   * @param parameters share of the original's to keep
   * @param further further settings of the request
   */
  record Compressed(
      String slug,
      double parameters,
      FactorizationKind form,
      UnaryOperator<CompressionRequest> further)
      implements Recipe {}

  /**
   * The matrices of the blocks with half of their elements dropped.
   *
   * @param wanda by magnitude times the root mean square of the input, in every row; otherwise by
   *     magnitude, in every matrix
   */
  record Pruned(boolean wanda) implements Recipe {
    @Override
    public String slug() {
      return wanda ? "wanda-50" : "magnitude-50";
    }
  }

  /** An artifact after distillation from the original. */
  record Healed(Recipe from) implements Recipe {
    @Override
    public String slug() {
      return from.slug() + "-healed";
    }
  }

  /** An artifact with its numbers as float16. */
  record Half(Recipe from) implements Recipe {
    @Override
    public String slug() {
      return from.slug() + "-f16";
    }
  }

  /** An artifact with quantized numbers, {@code group} of them for each scale. */
  record Coded(Recipe from, String format, int group) implements Recipe {
    @Override
    public String slug() {
      return from.slug() + "-" + format;
    }
  }
}
