package io.karipap.compress;

/**
 * Estimated time and memory of a compression, within a factor of about two.
 *
 * @param seconds of all stages
 * @param bytes of memory at the peak
 * @param available bytes of memory that there are
 */
public record ResourceEstimate(double seconds, long bytes, long available) {}
