package io.karipap.bench.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.FactorizationKind;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.Architectures;
import io.karipap.model.io.Initialization;
import io.karipap.network.Factorization;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomNetworksTest {

  private static final Architecture ARCHITECTURE =
      Architectures.standard().read(Path.of("..", "models", "karipap-tales", "config.json"));

  @ParameterizedTest
  @EnumSource(names = {"LOWRANK", "BTT", "MPO", "RING", "PEPO"})
  void areAsLargeAsTheTargetSays(FactorizationKind form) {
    try (var _ = new TensorScope()) {
      long original = Initialization.random(ARCHITECTURE, 1).parameters();
      Weights weights = RandomNetworks.of(ARCHITECTURE, 0.3, form, 1);
      assertThat((double) weights.parameters() / original).isBetween(0.27, 0.3);
      Factorization up = weights.matrix("model.layers.0.mlp.up_proj");
      assertThat(up.rows()).isEqualTo(704);
      assertThat(up.columns()).isEqualTo(256);
      double deviation = up.matrix().norm().item() / Math.sqrt((double) up.elements());
      assertThat(deviation).isCloseTo(0.02, within(0.005));
    }
  }

  @Test
  void denseIsTheOriginal() {
    try (var _ = new TensorScope()) {
      assertThat(RandomNetworks.of(ARCHITECTURE, 0.3, FactorizationKind.DENSE, 1).parameters())
          .isEqualTo(Initialization.random(ARCHITECTURE, 1).parameters());
    }
  }

  @Test
  void autoIsNoForm() {
    try (var _ = new TensorScope()) {
      assertThatThrownBy(() -> RandomNetworks.of(ARCHITECTURE, 0.3, FactorizationKind.AUTO, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("auto");
    }
  }
}
