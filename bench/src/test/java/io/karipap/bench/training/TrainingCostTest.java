package io.karipap.bench.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.FactorizationKind;
import io.karipap.model.arch.Architecture;
import io.karipap.model.family.Architectures;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import org.junit.jupiter.api.Test;

/**
 * Operations of a model of width 64 with 5 blocks, 8 heads of 8, 4 of them for keys, 172 neurons.
 */
class TrainingCostTest {

  private static final Architecture MODEL =
      Architectures.standard().read(SharedFiles.STORIES.resolve("config.json"));

  /** Queries and output, keys and values, three of the neurons, and the tied head. */
  private static final double MULTIPLIED =
      5 * (2 * 64 * 64 + 2 * 32 * 64 + 3 * 172 * 64) + 512 * 64;

  /** Scores and mixtures over the half of the context that a position sees on average, 2 each. */
  private static final double ATTENTION = 5 * 2 * 256 * 64;

  @Test
  void theOriginalMultipliesEveryMatrixOnce() {
    assertThat(TrainingCost.forward(MODEL, 256)).isEqualTo(2 * MULTIPLIED + ATTENTION);
  }

  @Test
  void trainingCostsThreeForwardPasses() {
    try (var _ = new TensorScope()) {
      var dense = RandomNetworks.of(MODEL, 1, FactorizationKind.DENSE, 2);
      TrainingCost cost = TrainingCost.of(MODEL, dense, 256);
      assertThat(cost.perToken())
          .isCloseTo(3 * TrainingCost.forward(MODEL, 256), within(1e-6 * cost.perToken()));
      assertThat(cost.perStep()).isZero();
      assertThat(cost.plus(7).of(10)).isCloseTo(cost.of(10) + 70, within(1e-6));
    }
  }

  @Test
  void lowRankCostsItsShareAndNetworksAreContractedOnceAStep() {
    try (var _ = new TensorScope()) {
      double original = 3 * TrainingCost.forward(MODEL, 256);
      TrainingCost pairs =
          TrainingCost.of(MODEL, RandomNetworks.of(MODEL, 0.3, FactorizationKind.LOWRANK, 2), 256);
      assertThat(pairs.perToken()).isBetween(0.3 * original, 0.6 * original);
      assertThat(pairs.perStep()).isZero();
      TrainingCost rings =
          TrainingCost.of(MODEL, RandomNetworks.of(MODEL, 0.3, FactorizationKind.RING, 2), 256);
      assertThat(rings.perStep()).isPositive();
    }
  }
}
