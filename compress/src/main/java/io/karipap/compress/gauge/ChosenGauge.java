package io.karipap.compress.gauge;

import io.karipap.compress.GaugeTrial;
import io.karipap.model.gauge.Gauge;
import io.karipap.model.gauge.Symmetry;
import java.util.List;
import java.util.Set;

/**
 * The gauge that a model is compressed in.
 *
 * @param symmetries that it was chosen from; none for the original's own basis
 * @param trials what the choice rests on; none if it was asked for
 */
public record ChosenGauge(Set<Symmetry> symmetries, List<GaugeTrial> trials, Gauge gauge) {}
