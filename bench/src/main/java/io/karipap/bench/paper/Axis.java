package io.karipap.bench.paper;

/** The unit of sizes: bytes or parameters, as a share of the original's. */
enum Axis {
  BYTES("bytes, of the original's in float32"),
  PARAMETERS("parameters, of the original's");

  private final String title;

  Axis(String title) {
    this.title = title;
  }

  /** For an axis of a plot. */
  String title() {
    return title;
  }

  /** In a sentence. */
  String unit() {
    return this == BYTES ? "bytes" : "parameters";
  }

  /** A row's size over the original's. */
  double share(RowMetrics row, RowMetrics original) {
    return switch (this) {
      case BYTES -> (double) row.bytes() / original.bytes();
      case PARAMETERS -> (double) row.parameters() / original.parameters();
    };
  }
}
