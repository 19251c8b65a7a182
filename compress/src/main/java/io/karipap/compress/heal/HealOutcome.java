package io.karipap.compress.heal;

import io.karipap.model.arch.Weights;
import io.karipap.model.evaluate.Evaluation;

/**
 * The result of a healing.
 *
 * @param weights the best seen, as they are stored
 * @param before on the held-out text, before the first step
 * @param after on the held-out text, of the weights kept
 * @param tokens of the distillation's steps
 */
public record HealOutcome(Weights weights, Evaluation before, Evaluation after, long tokens) {}
