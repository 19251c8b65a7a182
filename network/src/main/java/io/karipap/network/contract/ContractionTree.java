package io.karipap.network.contract;

/** Which tensors are contracted with which: a binary tree over the operands. */
sealed interface ContractionTree {

  /** An operand, by its number. */
  record Leaf(int operand) implements ContractionTree {}

  /** The contraction of two results. */
  record Pair(ContractionTree left, ContractionTree right) implements ContractionTree {}
}
