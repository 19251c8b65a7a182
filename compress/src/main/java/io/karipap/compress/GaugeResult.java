package io.karipap.compress;

import io.karipap.model.gauge.Symmetry;
import java.util.Set;

/**
 * The result of writing a model in another gauge.
 *
 * @param symmetries that the basis was chosen from
 * @param parametersBefore numbers in the original
 * @param parametersAfter numbers in the folder
 * @param untied whether the head was tied to the embeddings and no longer is
 */
public record GaugeResult(
    Set<Symmetry> symmetries, long parametersBefore, long parametersAfter, boolean untied) {}
