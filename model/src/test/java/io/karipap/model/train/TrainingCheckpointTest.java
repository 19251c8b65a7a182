package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.TensorFiles;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.network.Factorization;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingCheckpointTest {

  private static final Architecture ARCHITECTURE =
      TinyModel.architecture("{'num_key_value_heads': 1}");

  @TempDir private Path folder;

  @AfterEach
  void oneThread() {
    Threads.use(1);
  }

  private static Trainer trainer(long start, DType compute) {
    return trainer(start, compute, Parameterization::cores);
  }

  private static Trainer trainer(
      long start, DType compute, Function<Weights, Parameterization> trained) {
    Weights weights =
        TinyModel.single(
            TinyModel.factorized(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, start), start));
    var settings =
        new TrainingSettings(
            32 * 8,
            new TrainingSettings.Batch(32, 16, 8),
            new TrainingSettings.Optimization(0.01, 64, 0.1, 0.1, 1),
            compute,
            0);
    var text =
        new TextMixture(
            List.of(
                new TextMixture.Source(TokenSequence.of(TinyModel.ids(ARCHITECTURE, 100, 1)), 1),
                new TextMixture.Source(TokenSequence.of(TinyModel.ids(ARCHITECTURE, 70, 2)), 2)),
            9,
            3);
    return new Trainer(ARCHITECTURE, trained.apply(weights), text, settings, Objective::nextToken);
  }

  @ParameterizedTest
  @CsvSource({"1, F32", "2, F32", "1, BF16"})
  void anInterruptedRunIsBitForBitTheUninterruptedOne(int threads, DType compute) {
    Threads.use(threads);
    Path file = folder.resolve("state.safetensors");
    List<Trainer.Step> whole = new ArrayList<>();
    List<Trainer.Step> parts = new ArrayList<>();
    try (var _ = new TensorScope();
        var straight = trainer(4, compute)) {
      while (!straight.isDone()) {
        whole.add(straight.next());
      }
      try (var first = trainer(4, compute)) {
        for (int i = 0; i < 3; i++) {
          parts.add(first.next());
        }
        TrainingCheckpoint.save(first, file);
        var _ = first.next(); // lost with the interruption
      }
      // other starting weights: all of the state is in the file
      try (var second = trainer(5, compute)) {
        TrainingCheckpoint.restore(second, file);
        assertThat(second.step()).isEqualTo(3);
        while (!second.isDone()) {
          parts.add(second.next());
        }
        assertThat(parts).isEqualTo(whole).hasSize(8);
        for (int i = 0; i < straight.slots().size(); i++) {
          var expected = straight.slots().get(i);
          var slot = second.slots().get(i);
          assertThat(slot.variable().toFloats()).isEqualTo(expected.variable().toFloats());
          assertThat(slot.first().toFloats()).isEqualTo(expected.first().toFloats());
          assertThat(slot.second().toFloats()).isEqualTo(expected.second().toFloats());
        }
      }
    }
  }

  private static Parameterization throughRounding(Weights weights) {
    Map<String, Factorization> coded = new LinkedHashMap<>();
    // the grids are no part of the state: they are those of the same starting weights
    Weights start =
        TinyModel.single(TinyModel.factorized(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 4), 4));
    start
        .matrices()
        .forEach((name, f) ->
            coded.put(name, RoundToNearest.quantize(f, QuantizationScheme.of("uint3", 8))));
    return Parameterization.all(weights.with(coded));
  }

  @Test
  void anInterruptedRunThroughARoundingIsBitForBitTheUninterruptedOne() {
    Path file = folder.resolve("state.safetensors");
    try (var _ = new TensorScope();
        var straight = trainer(4, DType.F32, TrainingCheckpointTest::throughRounding);
        var first = trainer(4, DType.F32, TrainingCheckpointTest::throughRounding);
        var second = trainer(4, DType.F32, TrainingCheckpointTest::throughRounding)) {
      for (int i = 0; i < 3; i++) {
        assertThat(first.next()).isEqualTo(straight.next());
      }
      TrainingCheckpoint.save(first, file);
      TrainingCheckpoint.restore(second, file);
      while (!straight.isDone()) {
        assertThat(second.next()).isEqualTo(straight.next());
      }
      for (int i = 0; i < straight.slots().size(); i++) {
        assertThat(second.slots().get(i).variable().toFloats())
            .isEqualTo(straight.slots().get(i).variable().toFloats());
      }
    }
  }

  @Test
  void anOlderStateIsReplacedAndNothingElseLeftBehind() throws IOException {
    Path file = folder.resolve("state.safetensors");
    try (var _ = new TensorScope();
        var trainer = trainer(4, DType.F32);
        var restored = trainer(4, DType.F32)) {
      TrainingCheckpoint.save(trainer, file);
      var _ = trainer.next();
      TrainingCheckpoint.save(trainer, file);
      TrainingCheckpoint.restore(restored, file);
      assertThat(restored.step()).isEqualTo(1);
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0.5, 9, 1e30})
  void aNumberOfStepsThatCannotBeIsRefused(double step) {
    Path file = folder.resolve("state.safetensors");
    try (var _ = new TensorScope();
        var trainer = trainer(4, DType.F32)) {
      TrainingCheckpoint.save(trainer, file);
      rewrite(file, Map.of("step", Tensor.of(new float[] {(float) step}, 1)));
      assertThatThrownBy(() -> TrainingCheckpoint.restore(trainer, file))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("steps are done");
    }
  }

  @Test
  void aStateOfAnotherModelIsRefused() {
    Path file = folder.resolve("state.safetensors");
    try (var _ = new TensorScope();
        var trainer = trainer(4, DType.F32)) {
      TrainingCheckpoint.save(trainer, file);
      rewrite(file, Map.of("second.3", Tensor.zeros(DType.F32, 2, 2)));
      assertThatThrownBy(() -> TrainingCheckpoint.restore(trainer, file))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("second.3");
      assertThatThrownBy(() -> TrainingCheckpoint.restore(trainer, folder.resolve("none")))
          .isInstanceOf(CheckpointException.class);
    }
  }

  private static void rewrite(Path file, Map<String, Tensor> replacements) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    try (var store = TensorStore.open(file)) {
      for (String name : store.names()) {
        long[] shape = store.info(name).shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(name, replacements.getOrDefault(name, TensorFiles.read(store, name, shape)));
      }
    }
    var infos =
        tensors.entrySet().stream()
            .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
            .toList();
    try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
      TensorFiles.write(writer, tensors, ElementType.F32);
    }
  }
}
