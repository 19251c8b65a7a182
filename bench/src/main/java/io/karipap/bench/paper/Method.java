package io.karipap.bench.paper;

import java.util.Locale;

/** How a row was made. A method is a series of the plot. */
enum Method {
  ORIGINAL("original", "#000000"),
  HALF("16 bits", "#7f7f7f"),
  GPTQ("GPTQ", "#0072b2"),
  PRUNING("pruning", "#999933"),
  LOW_RANK("low rank", "#d55e00"),
  LOW_RANK_CODED("low rank, coded", "#e69f00"),
  MPO("MPO", "#cc79a7"),
  NETWORK("network (flow)", "#009e73"),
  NETWORK_CODED("network (flow), coded", "#56b4e9"),
  PLANNER("planner", "#aa0000");

  private final String label;
  private final String colour;

  Method(String label, String colour) {
    this.label = label;
    this.colour = colour;
  }

  /** Name for people. */
  String label() {
    return label;
  }

  /** Colour of its series; the palette is that of Okabe and Ito, safe for colour-blind readers. */
  String colour() {
    return colour;
  }

  /** Name for programs. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
