package io.karipap.compress.pipeline;

import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.Plan;
import io.karipap.compress.calibrate.ReferenceModel;
import io.karipap.compress.flow.TruncationPaths;
import io.karipap.compress.gauge.GaugeSelection;
import io.karipap.compress.plan.Allocation;
import io.karipap.compress.plan.Allocator;
import io.karipap.compress.plan.CodedAllocator;
import io.karipap.compress.plan.FlowAllocator;
import io.karipap.compress.plan.RateDistortionAllocator;
import io.karipap.compress.plan.RecipeAllocator;
import io.karipap.compress.plan.UniformAllocator;
import io.karipap.compress.store.FitCheckpoint;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.gauge.Symmetry;
import io.karipap.model.io.OriginalModel;
import io.karipap.network.quantize.QuantizationScheme;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The allocator that a request asks for. */
final class Allocators {

  /** Numbers that share a scale, of which a planner chooses if no format is asked for. */
  private static final List<Integer> GROUPS = List.of(64, 128);

  /** Number formats that a planner chooses from if none is asked for. */
  private static final List<String> FORMATS =
      List.of("int8", "int6", "int5", "lloyd4", "lloyd3", "lloyd2", "int2");

  private Allocators() {}

  /** Shares the budget out over a calibrated model. */
  static Allocation allocate(RunContext context, WorkingModel model) {
    CompressionRequest request = context.request();
    if (request.allocation().planning().isEmpty()) {
      return Allocation.of(plan(request, context.model(), model.prepared().symmetries()));
    }
    Allocation allocation = ofWholeModel(context, model).allocate();
    return request.allocation().budget().unit().paysCodes()
        ? allocation
        : request.allocation().quantization().map(allocation::quantized).orElse(allocation);
  }

  private static Allocator ofWholeModel(RunContext context, WorkingModel model) {
    CompressionRequest request = context.request();
    ReferenceModel reference =
        new ReferenceModel(
            context.architecture(),
            model.prepared().source().all().map(context.owner()::own),
            context.text());
    if (request.allocation().coding().isPresent()) {
      return new CodedAllocator(
          reference,
          context.matrices(),
          request.allocation().budget(),
          request.allocation().coding().get(),
          context.progress(),
          context.owner());
    }
    TruncationPaths paths =
        new TruncationPaths(
            reference,
            context.matrices(),
            context.fitOptions(),
            new FitCheckpoint(context.directory().path()),
            context.progress());
    return request.allocation().budget().unit() == CostUnit.PARAMETERS
        ? new FlowAllocator(
            paths,
            request.allocation().budget(),
            request.allocation().planning().orElseThrow().maxKl(),
            context.owner())
        : new RateDistortionAllocator(
            paths, request.allocation().budget(), schemes(request), context.owner());
  }

  /** The formats that a planner may choose from. */
  private static List<QuantizationScheme> schemes(CompressionRequest request) {
    return request
        .allocation()
        .quantization()
        .map(List::of)
        .orElseGet(() ->
            FORMATS.stream()
                .flatMap(
                    format -> GROUPS.stream().map(group -> QuantizationScheme.of(format, group)))
                .toList());
  }

  /**
   * The plan that is known before the model is: that of a recipe, or of equal shares.
   *
   * @param symmetries of the basis; what it stores is taken from the budget
   * @throws IllegalArgumentException if the budget is too small
   */
  static Plan plan(CompressionRequest request, OriginalModel model, Set<Symmetry> symmetries) {
    if (request.allocation().recipe().isPresent()) {
      return new RecipeAllocator(
              request.allocation().recipe().get(),
              model.weights().matrices().stream().map(MatrixSpec::name).toList(),
              request.allocation().quantization())
          .allocate()
          .plan();
    }
    Plan plan =
        new UniformAllocator(
                model.architecture(),
                request.allocation().budget().amount(),
                request.fit().form(),
                GaugeSelection.extraParameters(model.weights(), symmetries))
            .allocate()
            .plan();
    return request.allocation().quantization().map(plan::quantized).orElse(plan);
  }

  /** The plan in a gauge, unless the gauge costs what the matrices cannot spare. */
  static Optional<Plan> affordable(
      CompressionRequest request, OriginalModel model, Set<Symmetry> symmetries) {
    boolean free = GaugeSelection.extraParameters(model.weights(), symmetries) == 0;
    if (!free && request.allocation().recipe().isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(plan(request, model, symmetries));
    } catch (IllegalArgumentException tooSmall) {
      return Optional.empty();
    }
  }
}
