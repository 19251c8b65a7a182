package io.karipap.network.truncate;

/** How the environment of a bond was contracted. */
public enum Contraction {
  /** None was needed. */
  NONE,
  /** Exactly, in the full metric. */
  EXACT,
  /** Exactly, with the Kronecker part of the metric. */
  KRONECKER,
  /** By boundary matrix product states, with the Kronecker part of the metric. */
  BOUNDARY_MPS
}
