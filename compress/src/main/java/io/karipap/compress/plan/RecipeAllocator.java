package io.karipap.compress.plan;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.network.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Takes a plan from a file.
 *
 * @param file plan.yaml of a model of the same shape
 * @param matrices names of the model's matrices, in its order
 * @param scheme to quantize all numbers in, instead of the file's formats
 */
public record RecipeAllocator(Path file, List<String> matrices, Optional<QuantizationScheme> scheme)
    implements Allocator {

  /** Copies the list. */
  public RecipeAllocator {
    matrices = List.copyOf(matrices);
  }

  /**
   * The plan of the file.
   *
   * @throws CheckpointException if it cannot be read, or is that of another model
   * @throws IllegalArgumentException if it quantizes numbers that blocks share
   */
  @Override
  public Allocation allocate() {
    Plan read = Plan.read(file);
    Plan plan = scheme.map(read::quantized).orElse(read);
    if (!plan.matrices().stream().map(Plan.Entry::name).toList().equals(matrices)) {
      throw new CheckpointException(
          "the recipe "
              + file
              + " lists other matrices than the model has: take the plan.yaml of a model of the same shape");
    }
    boolean shares =
        plan.matrices().stream()
            .anyMatch(entry -> entry.form().equals(FactorizationKind.CELL.label()));
    if (shares && plan.matrices().stream().anyMatch(entry -> entry.coding().isPresent())) {
      throw new IllegalArgumentException(
          "the recipe "
              + file
              + " has cells and coded numbers: what blocks share cannot be rounded");
    }
    return Allocation.of(plan);
  }
}
