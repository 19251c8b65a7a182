package io.karipap.compress;

/**
 * What a compression will take, estimated before it begins; within a factor of two or so.
 *
 * @param seconds of all stages
 * @param bytes of memory at the peak
 * @param available bytes of memory that there are
 */
public record ResourceEstimate(double seconds, long bytes, long available) {}
