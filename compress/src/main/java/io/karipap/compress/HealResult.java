package io.karipap.compress;

/**
 * Losses before and after a distillation, on the held-out end of its text.
 *
 * @param tokens learnt from
 * @param lossBefore next-token loss in nats before it
 * @param lossAfter next-token loss in nats of the best weights, which were kept
 * @param klBefore KL divergence from the teacher before it, nats per token
 * @param klAfter KL divergence of the weights kept
 * @param seconds wall-clock time
 */
public record HealResult(
    long tokens,
    double lossBefore,
    double lossAfter,
    double klBefore,
    double klAfter,
    double seconds) {}
