package io.karipap.model.arch;

/** What a matrix does in a transformer. */
public enum Role {
  /** Table of a vector for every token. */
  EMBED,
  /** Queries of the attention. */
  QUERY,
  /** Keys of the attention. */
  KEY,
  /** Values of the attention. */
  VALUE,
  /** From the mixed values of the attention to the residual stream. */
  OUT,
  /** To the neurons of the MLP, behind an activation; multiplies UP. */
  GATE,
  /** To the neurons of the MLP. */
  UP,
  /** From the neurons of the MLP to the residual stream. */
  DOWN,
  /** GATE of one expert of a mixture. */
  EXPERT_GATE,
  /** UP of one expert of a mixture. */
  EXPERT_UP,
  /** DOWN of one expert of a mixture. */
  EXPERT_DOWN,
  /** From the normed residual stream to the logits of all tokens. */
  HEAD,
  /**
   * Stands for the gain of the final norm, between norm and head. A tied table in a rotated basis
   * needs one; original models have none.
   */
  HEAD_GAIN
}
