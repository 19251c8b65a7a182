package io.karipap.compress;

import java.util.List;

/**
 * Short fits of a few matrices in one gauge, at their sizes in the plan for this gauge.
 *
 * @param gauge symmetries used; none for the original's basis
 * @param extraParameters numbers that the gauge stores beside the matrices; their budget is smaller
 *     by as much
 * @param meanSquaredError mean of ||(W-V)X||^2 / ||WX||^2 over the matrices tried
 */
public record GaugeTrial(List<String> gauge, long extraParameters, double meanSquaredError) {

  /** What to call the gauge. */
  public String name() {
    return gauge.isEmpty() ? "original" : String.join(", ", gauge);
  }
}
