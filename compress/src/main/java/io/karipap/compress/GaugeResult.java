package io.karipap.compress;

/**
 * The result of writing a model in another gauge.
 *
 * @param parametersBefore numbers in the original
 * @param parametersAfter numbers in the folder
 * @param untied whether the head was tied to the embeddings and no longer is
 */
public record GaugeResult(long parametersBefore, long parametersAfter, boolean untied) {}
