package io.karipap.compress.report;

import io.karipap.model.arch.Role;

/** The names of families of matrices in a report, by what they do. */
final class Families {

  private Families() {}

  /** The name in a sentence, such as {@code attention query}. */
  static String label(Role role) {
    return switch (role) {
      case QUERY, KEY, VALUE, OUT -> "attention " + column(role);
      case GATE, UP, DOWN -> "MLP " + column(role);
      case EMBED, EXPERT_GATE, EXPERT_UP, EXPERT_DOWN, HEAD, HEAD_GAIN -> column(role);
    };
  }

  /** The name over a column, such as {@code query}. */
  static String column(Role role) {
    return switch (role) {
      case EMBED -> "embeddings";
      case QUERY -> "query";
      case KEY -> "key";
      case VALUE -> "value";
      case OUT -> "out";
      case GATE -> "gate";
      case UP -> "up";
      case DOWN -> "down";
      case EXPERT_GATE -> "expert gate";
      case EXPERT_UP -> "expert up";
      case EXPERT_DOWN -> "expert down";
      case HEAD -> "output head";
      case HEAD_GAIN -> "head gain";
    };
  }
}
