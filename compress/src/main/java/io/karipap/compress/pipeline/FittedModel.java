package io.karipap.compress.pipeline;

import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.compress.Plan;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.flow.AllocationTrace;
import io.karipap.compress.gauge.PreparedModel;
import io.karipap.compress.store.FittedMatrix;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All matrices of a model, fitted.
 *
 * @param plan forms and sizes
 * @param basis the original in the basis that was compressed
 * @param matrices in the order of the plan
 * @param calibration what the metrics were made of
 * @param numbers how the numbers of matrices are to be coded, by name; others stay as they are
 * @param trace how bonds were truncated, if the whole model shared its parameters out
 */
record FittedModel(
    Plan plan,
    PreparedModel basis,
    List<FittedMatrix> matrices,
    Map<String, QuantizationSpec> numbers,
    CalibrationRecord calibration,
    Optional<AllocationTrace> trace) {}
