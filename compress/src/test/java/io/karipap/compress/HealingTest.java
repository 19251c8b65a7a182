package io.karipap.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.LoadedModel;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealingTest {

  @TempDir Path folder;

  @Test
  void distillationBringsTheModelCloserToItsOriginal() {
    Path artifact = compressed();
    HealResult result = Healing.run(request(artifact, Shared.STORIES), Progress.NONE);
    assertThat(result.klAfter()).isLessThan(0.8 * result.klBefore());
    assertThat(result.lossAfter()).isLessThan(result.lossBefore());
    try (var healed = LoadedModel.open(artifact)) {
      assertThat(healed.manifest().orElseThrow().method()).contains("healed");
    }
  }

  @Test
  void onlyTheOriginalCanBeTheTeacher() {
    Path artifact = compressed();
    var before = Shared.contents(artifact);
    assertThatThrownBy(() -> Healing.run(request(artifact, Shared.TINY1M), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not the original");
    assertThatThrownBy(() -> Healing.run(request(Shared.STORIES, Shared.STORIES), Progress.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a compressed model");
    assertThat(Shared.contents(artifact)).isEqualTo(before);
  }

  @Test
  void theOriginalHasNothingToLearnFromItself() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(Shared.STORIES)) {
      Tensor ids = Tensor.of(new long[] {1, 403, 407, 261, 378, 383}, 1, 6);
      Tensor loss = new Distillation(model.decoder(), 1).loss(model.decoder(), ids);
      assertThat(loss.item()).isCloseTo(0, within(1e-6));
    }
  }

  private Path compressed() {
    Path artifact = folder.resolve("artifact");
    Compression.run(Shared.request(Shared.STORIES, artifact, 0.4, Form.LOWRANK), Progress.NONE);
    return artifact;
  }

  private static HealRequest request(Path artifact, Path teacher) {
    return new HealRequest(artifact, teacher, Shared.CALIBRATION, 20_000, 2e-3, 1, false);
  }
}
