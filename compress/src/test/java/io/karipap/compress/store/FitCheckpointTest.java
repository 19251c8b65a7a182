package io.karipap.compress.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.AtomicFiles;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.LowRank;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitCheckpointTest {

  @TempDir Path folder;

  private static FittedMatrix fitted(int seed) {
    RandomTensors random = new RandomTensors(seed);
    LowRank pair = new LowRank(random.normal(DType.F32, 6, 2), random.normal(DType.F32, 2, 5));
    return new FittedMatrix(pair, StoredFactorization.entry("w", pair, 0.25));
  }

  private static List<double[]> numbers(FittedMatrix matrix) {
    return matrix.factorization().cores().stream()
        .map(core -> core.to(DType.F64).toDoubles())
        .toList();
  }

  private static void assertSame(FittedMatrix read, FittedMatrix saved) {
    assertThat(read.entry()).isEqualTo(saved.entry());
    assertThat(numbers(read).toArray(double[][]::new))
        .isDeepEqualTo(numbers(saved).toArray(double[][]::new));
  }

  @Test
  void aFitComesBackToTheLastBit() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      FitCheckpoint store = new FitCheckpoint(folder);
      assertThat(store.has("w")).isFalse();
      store.save(fitted(1));
      assertThat(store.has("w")).isTrue();
      assertSame(store.loadOne("w", owner).orElseThrow(), fitted(1));
    }
  }

  @Test
  void aCrashBetweenTheTwoFilesLeavesNoFit() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      FitCheckpoint store = new FitCheckpoint(folder);
      FitResult result = FitResult.of("w", List.of(fitted(1)));
      AtomicFiles.write(folder.resolve("w.safetensors"), result.cores().orElseThrow());
      assertThat(store.has("w")).isFalse();
      assertThat(store.load("w", owner)).isEmpty();
      // the run that goes on fits anew and writes over what was left behind
      store.save(fitted(2));
      assertSame(store.loadOne("w", owner).orElseThrow(), fitted(2));
    }
  }

  @Test
  void aFitThatWasNotBetterIsRememberedWithoutTensors() {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      FitCheckpoint store = new FitCheckpoint(folder);
      store.save(FitResult.of("cell", List.of()));
      assertThat(store.load("cell", owner)).hasValueSatisfying(f -> assertThat(f).isEmpty());
      assertThat(folder.resolve("cell.safetensors")).doesNotExist();
    }
  }

  @Test
  void aDamagedFitIsRefused() throws IOException {
    try (var _ = new TensorScope();
        var owner = new TensorOwner()) {
      FitCheckpoint store = new FitCheckpoint(folder);
      store.save(fitted(1));
      Files.writeString(folder.resolve("w.json"), "[{");
      assertThatThrownBy(() -> store.load("w", owner))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("w.json");
    }
  }
}
