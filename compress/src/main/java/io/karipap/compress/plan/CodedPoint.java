package io.karipap.compress.plan;

/**
 * A matrix behind an entropy coder.
 *
 * @param theta loss of a number that its steps were made for
 * @param bytes that it takes
 * @param loss of the matrix, in nats per token
 */
record CodedPoint(double theta, double bytes, double loss) {}
