package io.karipap.compress.report;

/** The names of families of matrices in a report. */
final class Families {

  private Families() {}

  /** The name in a sentence, such as {@code attention query}. */
  static String label(String family) {
    return switch (family) {
      case "q_proj", "k_proj", "v_proj", "o_proj" -> "attention " + column(family);
      case "gate_proj", "up_proj", "down_proj" -> "MLP " + column(family);
      case "embed_tokens" -> "embeddings";
      case "lm_head" -> "output head";
      case "head_gain" -> "head gain";
      default -> family;
    };
  }

  /** The name over a column, such as {@code query}. */
  static String column(String family) {
    return switch (family) {
      case "q_proj" -> "query";
      case "k_proj" -> "key";
      case "v_proj" -> "value";
      case "o_proj" -> "out";
      case "gate_proj", "up_proj", "down_proj" -> family.substring(0, family.indexOf('_'));
      default -> family;
    };
  }
}
