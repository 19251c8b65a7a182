package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.compress.Budget;
import io.karipap.compress.CostUnit;
import io.karipap.compress.Plan;
import io.karipap.model.arch.VectorSpec;
import io.karipap.network.Factorization;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowAllocatorTest {

  private static final double UNBOUNDED = Double.POSITIVE_INFINITY;

  @TempDir Path folder;

  private static long vectors(TinyPlanning tiny) {
    return tiny.model().architecture().vectors().stream().mapToLong(VectorSpec::size).sum();
  }

  private static long after(TinyPlanning tiny, Allocation allocation) {
    return vectors(tiny)
        + allocation.plan().matrices().stream().mapToLong(Plan.Entry::budget).sum();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0.75, 0.45})
  void thePlanStaysWithinItsBudgetAndSpendsMostOfIt(double share) {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var tiny = TinyPlanning.of(8, 12, false)) {
      Allocation allocation =
          new FlowAllocator(
                  tiny.paths(folder), Budget.share(CostUnit.PARAMETERS, share), UNBOUNDED, owner)
              .allocate();
      double ratio = (double) after(tiny, allocation) / tiny.model().weights().parameters();
      assertThat(ratio).isLessThanOrEqualTo(share).isGreaterThan(share - 0.05);
      // sizes of the plan are those of the networks that the fits start from
      for (Plan.Entry entry : allocation.plan().matrices()) {
        Factorization start = allocation.starts().get(entry.name());
        long size =
            start == null
                ? tiny.model().architecture().matrix(entry.name()).elements()
                : start.cores().stream().mapToLong(core -> core.elements()).sum();
        assertThat(entry.budget()).as(entry.name()).isEqualTo(size);
      }
    }
  }

  @Test
  void anAbsoluteBudgetCountsTheVectors() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var tiny = TinyPlanning.of(8, 12, false)) {
      Allocation allocation =
          new FlowAllocator(
                  tiny.paths(folder), Budget.units(CostUnit.PARAMETERS, 600), UNBOUNDED, owner)
              .allocate();
      assertThat(after(tiny, allocation)).isBetween(560L, 600L);
    }
  }

  /** Measured again, by putting the allocation's own networks into the model. */
  @Test
  void aBoundOnTheDivergenceEndsTheFlow() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var tiny = TinyPlanning.of(8, 12, false)) {
      Budget budget = Budget.share(CostUnit.PARAMETERS, 0.45);
      Map<String, Factorization> all =
          new FlowAllocator(tiny.paths(folder), budget, UNBOUNDED, owner).allocate().starts();
      double unbounded = tiny.model().divergence(all);
      double bound = unbounded / 4;
      Map<String, Factorization> some =
          new FlowAllocator(tiny.paths(folder), budget, bound, owner).allocate().starts();
      assertThat(tiny.model().divergence(some)).isPositive().isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void aBudgetBelowTheSmallestNetworksIsRefused() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner();
        var tiny = TinyPlanning.of(8, 12, false)) {
      FlowAllocator tooSmall =
          new FlowAllocator(
              tiny.paths(folder), Budget.share(CostUnit.PARAMETERS, 0.1), UNBOUNDED, owner);
      assertThatThrownBy(tooSmall::allocate)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("too small")
          .hasMessageNotContaining("\n");
    }
  }
}
