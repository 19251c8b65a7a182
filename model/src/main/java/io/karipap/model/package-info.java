/**
 * Decoder-only transformers on tensors: forward and backward, calibration, training, evaluation,
 * generation.
 */
@NullMarked
package io.karipap.model;

import org.jspecify.annotations.NullMarked;
