package io.karipap.compress.heal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Progress;
import io.karipap.compress.SharedTexts;
import io.karipap.compress.pipeline.Compression;
import io.karipap.model.arch.Decoder;
import io.karipap.model.io.LoadedModel;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.train.Trainer;
import io.karipap.model.train.TrainingSettings;
import io.karipap.network.Dense;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockReconstructionTest {

  private static final String MATRIX = "model.layers.1.mlp.up_proj";

  @TempDir Path folder;

  private static Tensor ids(LoadedModel model, int from) {
    TokenSequence text =
        Documents.read(SharedFiles.data("tinystories/valid.txt")).encode(model.tokenizer()).get(1);
    return Tensor.of(text.slice(from, 65), 1, 65);
  }

  private static Decoder disturbed(Decoder original, String name, double by) {
    Tensor w = original.weights().matrix(name).matrix();
    Tensor noise = new RandomTensors(3).normal(w.dtype(), w.shape());
    return original.with(Map.of(name, new Dense(w.add(noise.mul(by)))));
  }

  /**
   * One block at a time: the mean over blocks of the error of a block given the student's state.
   */
  @Test
  void isTheErrorOfEveryWindowBehindTheStudentsOwnState() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedTexts.STORIES)) {
      Decoder original = model.decoder();
      Decoder student = disturbed(original, MATRIX, 0.05);
      Tensor ids = ids(model, 0);
      List<Tensor> own = student.hidden(ids.narrow(1, 0, 64));
      List<Tensor> targets = original.hidden(ids.narrow(1, 0, 64));
      int blocks = model.config().layers();
      double expected = 0;
      for (int i = 1; i <= blocks; i++) {
        Tensor difference = own.get(i).sub(targets.get(i));
        expected += Math.pow(difference.norm().item() / targets.get(i).norm().item(), 2) / blocks;
      }

      assertThat(new BlockReconstruction(original, 1).loss(original, ids).item())
          .isCloseTo(0, within(1e-12));
      assertThat(new BlockReconstruction(original, 1).loss(student, ids).item())
          .isCloseTo(expected, within(1e-5 * expected));
      // in windows of two the first block is not held against anything
      double two = 0;
      for (int i = 2; i <= blocks; i++) {
        Tensor difference = own.get(i).sub(targets.get(i));
        two += Math.pow(difference.norm().item() / targets.get(i).norm().item(), 2) / (blocks - 1);
      }
      assertThat(new BlockReconstruction(original, 2).loss(student, ids).item())
          .isCloseTo(two, within(1e-5 * two));
    }
  }

  @Test
  void noGradientFlowsFromOneWindowIntoAnother() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedTexts.STORIES)) {
      Decoder original = model.decoder();
      // the error is in block 1: block 0 of the student is right, and is to stay as it is
      Tensor first = original.weights().matrix("model.layers.0.mlp.up_proj").matrix().leaf();
      Decoder student =
          disturbed(original, MATRIX, 0.05)
              .with(Map.of("model.layers.0.mlp.up_proj", new Dense(first)));

      Tensor loss = new BlockReconstruction(original, 1).loss(student, ids(model, 0));

      assertThat(loss.item()).isGreaterThan(1e-4);
      assertThat(Autograd.gradients(loss, List.of(first)).getFirst().norm().item())
          .isLessThan(1e-6);
    }
  }

  @Test
  void lowersTheErrorOfBlocksOnOtherText() {
    Path output = folder.resolve("out");
    Compression.run(
        SharedTexts.request(SharedTexts.STORIES, output, 0.6, FactorizationKind.LOWRANK),
        Progress.NONE);
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedTexts.STORIES);
        var compressed = LoadedModel.open(output)) {
      Decoder original = model.decoder();
      var text =
          Documents.read(SharedTexts.CALIBRATION).encode(model.tokenizer()).subList(0, 100).stream()
              .map(document -> new TextMixture.Source(document, 1))
              .filter(source -> source.tokens().size() > 66)
              .toList();
      var settings =
          new TrainingSettings(
              20_000,
              new TrainingSettings.Batch(256, 256, 64),
              new TrainingSettings.Optimization(2e-3, 1000, 0.1, 0, 1),
              DType.F32,
              1);
      try (var trainer =
          new Trainer(
              model.architecture(),
              compressed.weights(),
              new TextMixture(text, 65, 1),
              settings,
              new BlockReconstruction(original, 1))) {
        double before = error(original, trainer, model);
        while (!trainer.isDone()) {
          trainer.next();
        }
        assertThat(error(original, trainer, model)).isLessThan(0.8 * before);
      }
    }
  }

  private static double error(Decoder original, Trainer trainer, LoadedModel model) {
    try (var _ = new TensorScope()) {
      Decoder student = new Decoder(model.architecture(), trainer.weights());
      return new BlockReconstruction(original, 1).loss(student, ids(model, 0)).item();
    }
  }
}
