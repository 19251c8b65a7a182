package io.karipap.compress.pipeline;

import io.karipap.compress.GaugeTrial;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.WeightSource;
import java.util.List;
import java.util.Set;

/**
 * The original in the basis that it is compressed in.
 *
 * @param symmetries that the basis was chosen from; none for the original's own
 * @param trials what the choice rests on; none if it was asked for
 * @param source the same model in this basis; open until the end of the run
 */
record PreparedModel(Set<Symmetry> symmetries, List<GaugeTrial> trials, WeightSource source) {}
