package io.karipap.compress.profile;

/**
 * The loss of the model when one matrix alone is replaced by its best low-rank approximation in the
 * metric.
 *
 * @param rank of the approximation
 * @param squaredError the share of the output's energy that it loses
 * @param estimated tr(G D C D^T) / 2 for the difference D, in nats per token: the second-order
 *     estimate on the calibration tokens
 * @param scale tr(G) tr(W C W^T) / (2 m), in nats per token: the estimate for an error as large as
 *     the output, spread evenly over its m directions
 * @param measured KL divergence of the model with this approximation from the original, in nats per
 *     token, on held-out tokens
 */
public record Sensitivity(
    int rank, double squaredError, double estimated, double scale, double measured) {}
