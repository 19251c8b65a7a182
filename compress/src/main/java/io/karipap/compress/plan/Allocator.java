package io.karipap.compress.plan;

/** A way to spend a budget on the matrices of a model. */
public interface Allocator {

  /**
   * Shares the budget out.
   *
   * @throws IllegalArgumentException if the budget is too small
   */
  Allocation allocate();
}
