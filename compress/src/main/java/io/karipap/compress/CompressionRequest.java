package io.karipap.compress;

import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.model.gauge.Symmetry;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What to compress, and to what.
 *
 * @param model folder in Hugging Face layout
 * @param output folder of the artifact; must not exist, unless it is an artifact or empty
 * @param calibration text that the layers' inputs are taken from
 * @param allocation budget, and how it is shared out
 * @param fit forms, and how they are fitted
 * @param gauge symmetries to choose the basis from, none for the original's basis; empty to decide
 *     by measured error
 * @param run healing, seed and resumption
 */
public record CompressionRequest(
    Path model,
    Path output,
    CalibrationText calibration,
    AllocationSettings allocation,
    FitSettings fit,
    Optional<Set<Symmetry>> gauge,
    RunSettings run) {

  /** Checks that the parts go together. */
  public CompressionRequest {
    if (allocation.planning().isPresent()
        && (fit.form() != FactorizationKind.AUTO
            || fit.grid().isPresent()
            || allocation.recipe().isPresent()
            || fit.cells() > 0)) {
      throw new IllegalArgumentException(
          "the flow and the planner choose forms and sizes themselves: leave out `form`, `grid`,"
              + " `cells` and `recipe`");
    }
    if (allocation.quantization().isPresent()
        && (fit.form() == FactorizationKind.CELL || fit.cells() > 0)) {
      throw new IllegalArgumentException(
          "numbers that blocks share cannot be quantized: leave out `cells` and the form cell");
    }
  }

  /** The same in a basis chosen from some symmetries, or by measured error if empty. */
  public CompressionRequest withGauge(Optional<Set<Symmetry>> symmetries) {
    return new CompressionRequest(model, output, calibration, allocation, fit, symmetries, run);
  }

  /** The same with another number of blocks in a cell. */
  public CompressionRequest withCells(int blocks) {
    return new CompressionRequest(
        model,
        output,
        calibration,
        allocation,
        new FitSettings(fit.form(), fit.grid(), fit.iterations(), blocks),
        gauge,
        run);
  }

  /** The same with bonds truncated over the whole model. */
  public CompressionRequest withFlow(BondFlowSettings settings) {
    return with(
        new AllocationSettings(
            allocation.budget(),
            allocation.recipe(),
            Optional.of(settings),
            allocation.quantization(),
            allocation.coding()));
  }

  /** The same within another budget. */
  public CompressionRequest withBudget(Budget limit) {
    return with(
        new AllocationSettings(
            limit,
            allocation.recipe(),
            allocation.flow(),
            allocation.quantization(),
            allocation.coding()));
  }

  /** The same with its numbers quantized after fits and healing. */
  public CompressionRequest withQuantization(QuantizationScheme scheme) {
    return with(
        new AllocationSettings(
            allocation.budget(), allocation.recipe(), allocation.flow(), Optional.of(scheme)));
  }

  /** The same with its numbers behind an entropy coder. */
  public CompressionRequest withCoding(EntropyCoding coding) {
    return with(
        new AllocationSettings(
            allocation.budget(),
            allocation.recipe(),
            allocation.flow(),
            Optional.empty(),
            Optional.of(coding)));
  }

  /** The same asked for by a command that a person typed. */
  public CompressionRequest withCommand(String typed) {
    return new CompressionRequest(
        model, output, calibration, allocation, fit, gauge, run.withCommand(typed));
  }

  private CompressionRequest with(AllocationSettings other) {
    return new CompressionRequest(model, output, calibration, other, fit, gauge, run);
  }

  /** True if the matrices are to be fitted in the original's basis. */
  public boolean keepsBasis() {
    return gauge.map(Set::isEmpty).orElse(allocation.coding().isPresent());
  }
}
