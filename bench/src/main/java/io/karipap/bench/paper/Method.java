package io.karipap.bench.paper;

import java.util.Locale;

/** The method of compression of a row; each is a series of the plot. */
enum Method {
  ORIGINAL("original", "#000000"),
  HALF("16 bits", "#7f7f7f"),
  GPTQ("GPTQ", "#0072b2"),
  PRUNING("pruning", "#999933"),
  LOW_RANK("low rank", "#d55e00"),
  LOW_RANK_CODED("low rank, quantized", "#e69f00"),
  MPO("MPO", "#cc79a7"),
  NETWORK("network (flow)", "#009e73"),
  NETWORK_CODED("network (flow), quantized", "#56b4e9"),
  PLANNER("planner", "#aa0000"),
  ENTROPY_CODED("entropy-coded", "#332288");

  private final String label;
  private final String color;

  Method(String label, String color) {
    this.label = label;
    this.color = color;
  }

  /** Name for people. */
  String label() {
    return label;
  }

  /** Colour of its series; the palette is that of Okabe and Ito, safe for colour-blind readers. */
  String color() {
    return color;
  }

  /**
   * The method of a row by the row's label, such as "low rank 30 %, healed, 8 bit".
   *
   * @throws IllegalArgumentException if no method has such labels
   */
  static Method ofLabel(String row) {
    boolean coded = row.endsWith("8 bit") || row.endsWith("4 bit");
    String family = row.split(" \\d|,", 2)[0];
    return switch (family) {
      case "original" -> ORIGINAL;
      case "16 bit" -> HALF;
      case "GPTQ" -> GPTQ;
      case "magnitude pruning", "Wanda pruning" -> PRUNING;
      case "low rank" -> coded ? LOW_RANK_CODED : LOW_RANK;
      case "MPO" -> MPO;
      case "network" -> coded ? NETWORK_CODED : NETWORK;
      case "planner" -> PLANNER;
      case "entropy-coded" -> ENTROPY_CODED;
      default -> throw new IllegalArgumentException("no method has a row '" + row + "'");
    };
  }

  /** Name for programs. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
