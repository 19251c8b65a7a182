package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.Initialization;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import io.karipap.network.UnitCell;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

  private static final Architecture ARCHITECTURE = TinyModel.architecture();

  private static TrainingSettings settings(int batch, int micro, double rate, double clip) {
    return new TrainingSettings(
        50L * batch,
        new TrainingSettings.Batch(batch, micro, 8),
        new TrainingSettings.Optimization(rate, 0, 0.1, 0.1, clip),
        DType.F32,
        0);
  }

  private static TextMixture text(long seed) {
    return new TextMixture(
        List.of(new TextMixture.Source(TokenSequence.of(TinyModel.ids(ARCHITECTURE, 400, 1)), 1)),
        9,
        seed);
  }

  private static Trainer trainer(Weights start, TrainingSettings settings, Objective objective) {
    return new Trainer(ARCHITECTURE, start, text(2), settings, objective);
  }

  @Test
  void learnsATextByHeart() {
    try (var _ = new TensorScope()) {
      int[] alphabet = new int[200];
      Arrays.setAll(alphabet, i -> i % 17);
      TextMixture text =
          new TextMixture(List.of(new TextMixture.Source(TokenSequence.of(alphabet), 1)), 9, 3);
      Weights start = Initialization.random(ARCHITECTURE, 4);
      try (var trainer =
          new Trainer(ARCHITECTURE, start, text, settings(64, 64, 0.03, 1), Objective::nextToken)) {
        double first = trainer.next().loss();
        assertThat(first).isCloseTo(Math.log(17), within(0.05)); // knows nothing yet
        double last = first;
        while (!trainer.isDone()) {
          last = trainer.next().loss();
        }
        assertThat(trainer.step()).isEqualTo(50);
        assertThat(last).isLessThan(0.1);
      }
    }
  }

  @Test
  void firstStepIsThatOfAdamWithDecayOnMatricesAlone() {
    try (var _ = new TensorScope()) {
      Weights start = TinyModel.single(TinyModel.weights(ARCHITECTURE, 5));
      TrainingSettings settings = settings(16, 16, 0.01, 1e9);
      try (var trainer = trainer(start, settings, Objective::nextToken)) {
        var step = trainer.next();
        Weights variables = start.map(t -> t.copy().leaf());
        List<Tensor> gradients = gradients(variables, 2);
        double squares = 0;
        List<Tensor> before = start.tensors();
        List<Tensor> after = trainer.weights().tensors();
        for (int i = 0; i < before.size(); i++) {
          double[] g = gradients.get(i).toDoubles();
          double[] w = before.get(i).toDoubles();
          double decay = before.get(i).rank() == 2 ? 0.1 : 0;
          for (int j = 0; j < g.length; j++) {
            // the moments of a first step, corrected for their start at zero, are g and g^2
            w[j] = w[j] * (1 - 0.01 * decay) - 0.01 * g[j] / (Math.abs(g[j]) + 1e-8);
            squares += g[j] * g[j];
          }
          assertThat(after.get(i).toDoubles()).containsExactly(w, within(2e-5));
        }
        assertThat(step.number()).isEqualTo(1);
        assertThat(step.learningRate()).isEqualTo(0.01);
        assertThat(step.gradientNorm()).isCloseTo(Math.sqrt(squares), within(1e-5));
      }
    }
  }

  /** Gradients of the mean loss over the first windows of the text. */
  private static List<Tensor> gradients(Weights variables, int windows) {
    TextMixture text = text(2);
    long[] flat = new long[windows * 9];
    for (int i = 0; i < windows; i++) {
      System.arraycopy(text.next(), 0, flat, i * 9, 9);
    }
    Tensor loss =
        Objective.nextToken(new Decoder(ARCHITECTURE, variables), Tensor.of(flat, windows, 9));
    return Autograd.gradients(loss, variables.tensors());
  }

  @Test
  void gradientIsClippedToItsCommonNorm() {
    try (var _ = new TensorScope()) {
      Weights start = TinyModel.single(TinyModel.weights(ARCHITECTURE, 6));
      try (var trainer = trainer(start, settings(16, 16, 0.01, 0.125), Objective::nextToken)) {
        assertThat(trainer.next().gradientNorm()).isGreaterThan(0.25);
        // after one step the first moment is (1 - 0.9) times the gradient that was used
        assertThat(firstMoment(trainer)).isCloseTo(0.1 * 0.125, within(1e-7));
      }
      try (var trainer = trainer(start, settings(16, 16, 0.01, 1e9), Objective::nextToken)) {
        double norm = trainer.next().gradientNorm();
        assertThat(firstMoment(trainer)).isCloseTo(0.1 * norm, within(1e-6 * norm));
      }
    }
  }

  private static double firstMoment(Trainer trainer) {
    return Math.sqrt(
        trainer.slots().stream().mapToDouble(s -> s.first().square().sum().item()).sum());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 24, 32})
  void microBatchesOfAnySizeGiveTheSameStep(int micro) {
    try (var _ = new TensorScope()) {
      Weights start = TinyModel.single(TinyModel.weights(ARCHITECTURE, 7));
      // five windows a step: 24 tokens a pass means three windows and then two
      try (var whole = trainer(start, settings(40, 40, 0.01, 1), Objective::nextToken);
          var parts = trainer(start, settings(40, micro, 0.01, 1), Objective::nextToken)) {
        var expected = whole.next();
        var step = parts.next();
        assertThat(step.loss()).isCloseTo(expected.loss(), within(1e-6));
        assertThat(step.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-5));
        for (int i = 0; i < whole.slots().size(); i++) {
          Tensor moment = whole.slots().get(i).first();
          Tensor difference = parts.slots().get(i).first().sub(moment);
          assertThat(difference.norm().item()).isLessThan(1e-5 * moment.norm().item() + 1e-9);
        }
      }
    }
  }

  /** Untied copies have their own gradients; what is shared gets their sum. */
  @Test
  void whatACellSharesIsOneVariable() {
    try (var _ = new TensorScope()) {
      Weights start =
          TinyModel.single(TinyModel.shared(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 7), 2));
      Weights leaves = start.map(t -> t.copy().leaf());
      Weights untied = new Weights(new LinkedHashMap<>(), leaves.vectors());
      start
          .matrices()
          .forEach((name, f) -> untied.matrices().put(name, f.map(t -> t.copy().leaf())));
      List<Tensor> gradients = gradients(untied, 2);
      List<Tensor> order = untied.tensors();
      try (var trainer = trainer(start, settings(16, 16, 0.01, 1e9), Objective::nextToken)) {
        var _ = trainer.next();
        assertThat(trainer.slots()).hasSize(start.tensors().size());
        UnitCell first = (UnitCell) trainer.weights().matrix("model.layers.0.mlp.up_proj");
        UnitCell second = (UnitCell) trainer.weights().matrix("model.layers.1.mlp.up_proj");
        assertThat(first.cores().getFirst()).isSameAs(second.cores().getFirst());
        for (int core = 0; core < 2; core++) {
          Tensor shared = first.cores().get(core);
          Tensor moment =
              trainer.slots().stream()
                  .filter(slot -> slot.variable() == shared)
                  .findFirst()
                  .orElseThrow()
                  .first();
          Tensor expected = moment.zerosLike();
          for (int block = 0; block < 2; block++) {
            Tensor own = untied.matrix("model.layers." + block + ".mlp.up_proj").cores().get(core);
            expected.addInPlace(gradients.get(order.indexOf(own)), 0.1);
          }
          assertThat(moment.sub(expected).norm().item()).isLessThan(1e-5 * expected.norm().item());
        }
      }
    }
  }

  @Test
  void contractingNetworksOnceAStepGivesTheGradientsByTheirCores() {
    try (var _ = new TensorScope()) {
      Weights start =
          TinyModel.single(
              TinyModel.factorized(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 10), 11));
      try (var trainer = trainer(start, settings(40, 16, 0.01, 1e9), Objective::nextToken)) {
        var _ = trainer.next();
        // the decoder that applies the cores themselves; five windows in one pass
        List<Tensor> gradients = gradients(start.map(t -> t.copy().leaf()), 5);
        for (int i = 0; i < gradients.size(); i++) {
          Tensor moment = trainer.slots().get(i).first();
          Tensor expected = gradients.get(i).mul(0.1); // 1 - beta1
          assertThat(moment.sub(expected).norm().item())
              .isLessThan(2e-5 * expected.norm().item() + 1e-8);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4", "uint3"})
  void decodingOnceAStepGivesTheGradientsByTheScales(String format) {
    try (var _ = new TensorScope()) {
      Weights networks =
          TinyModel.factorized(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 10), 11);
      Weights coded = new Weights(new LinkedHashMap<>(), networks.vectors());
      QuantizationScheme scheme = QuantizationScheme.of(format, 8);
      networks
          .matrices()
          .forEach((name, f) -> coded.matrices().put(name, RoundToNearest.quantize(f, scheme)));
      Weights start = TinyModel.single(coded);
      try (var trainer = trainer(start, settings(40, 16, 0.01, 1e9), Objective::nextToken)) {
        var _ = trainer.next();
        // the decoder that decodes in every layer; five windows in one pass
        List<Tensor> gradients = gradients(start.map(t -> t.copy().leaf()), 5);
        assertThat(trainer.slots()).hasSameSizeAs(gradients);
        for (int i = 0; i < gradients.size(); i++) {
          Tensor moment = trainer.slots().get(i).first();
          Tensor expected = gradients.get(i).mul(0.1); // 1 - beta1
          assertThat(moment.sub(expected).norm().item())
              .isLessThan(2e-5 * expected.norm().item() + 1e-8);
        }
      }
    }
  }

  @Test
  void divergenceIsSaidAndLeavesTheWeightsAsTheyWere() {
    try (var _ = new TensorScope()) {
      Weights start = TinyModel.single(TinyModel.weights(ARCHITECTURE, 8));
      AtomicBoolean diverges = new AtomicBoolean();
      Objective diverging =
          (model, ids) ->
              Objective.nextToken(model, ids).mul(diverges.get() ? Double.POSITIVE_INFINITY : 1);
      try (var trainer = trainer(start, settings(16, 16, 0.01, 1), diverging)) {
        var _ = trainer.next();
        var _ = trainer.next();
        diverges.set(true);
        List<double[]> before =
            trainer.weights().tensors().stream().map(Tensor::toDoubles).toList();
        assertThatThrownBy(trainer::next)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("diverged at step 3")
            .hasMessageContaining("learning rate");
        List<Tensor> after = trainer.weights().tensors();
        for (int i = 0; i < before.size(); i++) {
          assertThat(after.get(i).toDoubles()).containsExactly(before.get(i));
        }
      }
    }
  }

  @Test
  void startingWeightsAreCopied() {
    try (var _ = new TensorScope()) {
      Weights start = TinyModel.single(TinyModel.weights(ARCHITECTURE, 9));
      List<double[]> before = start.tensors().stream().map(Tensor::toDoubles).toList();
      try (var trainer = trainer(start, settings(16, 16, 0.01, 1), Objective::nextToken)) {
        var _ = trainer.next();
      }
      for (int i = 0; i < before.size(); i++) {
        assertThat(start.tensors().get(i).toDoubles()).containsExactly(before.get(i));
      }
    }
  }
}
