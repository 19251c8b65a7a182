package io.karipap.compress.fit;

/**
 * Names a metric, so that a fit can be described without its numbers.
 *
 * @param matrix one of the matrices that see the same input; the same one for all of them
 * @param outputs whether errors of the outputs are weighed by their gradients
 */
public record MetricReference(String matrix, boolean outputs) {}
