package io.karipap.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterTest {

  private static final int ROWS = 12;
  private static final int COLUMNS = 10;

  private static Tensor normal(long seed, long... shape) {
    return new RandomTensors(seed).normal(DType.F32, shape);
  }

  private static Dense dense() {
    return new Dense(normal(1, ROWS, COLUMNS));
  }

  private static Adapter adapter(String kind, Factorization base, int rank) {
    RandomTensors random = new RandomTensors(5);
    return kind.equals("lora")
        ? Adapter.lora(base, rank, random)
        : Adapter.tensorTrain(base, rank, random);
  }

  private static List<Tensor> moved(Adapter adapter) {
    List<Tensor> moved = new ArrayList<>();
    for (Tensor t : adapter.start()) {
      moved.add(t.add(normal(20 + moved.size(), t.shape())));
    }
    return moved;
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "tt-lora"})
  void anUpdateIsNoughtAtTheStart(String kind) {
    try (var _ = new TensorScope()) {
      Adapter adapter = adapter(kind, dense(), 3);
      assertThat(adapter.applied(adapter.start()).matrix().toFloats())
          .isEqualTo(dense().matrix().toFloats());
    }
  }

  @Test
  void aLowRankUpdateIsTwiceBTimesA() {
    try (var _ = new TensorScope()) {
      Adapter adapter = adapter("lora", dense(), 3);
      List<Tensor> variables = moved(adapter);
      float[] b = variables.get(0).toFloats();
      float[] a = variables.get(1).toFloats();
      float[] w = dense().matrix().toFloats();
      float[] v = adapter.applied(variables).matrix().toFloats();
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++) {
          double expected = w[i * COLUMNS + j];
          for (int k = 0; k < 3; k++) {
            expected += 2.0 * b[i * 3 + k] * a[k * COLUMNS + j];
          }
          assertThat((double) v[i * COLUMNS + j]).isCloseTo(expected, within(1e-4));
        }
      }
    }
  }

  /** Digits of a row over 4 x 3, of a column over 5 x 2; cores [o, i, bonds]. */
  @Test
  void aTensorTrainUpdateIsTwiceTheProductOfItsCores() {
    try (var _ = new TensorScope()) {
      Adapter adapter = adapter("tt-lora", dense(), 2);
      List<Tensor> variables = moved(adapter);
      List<float[]> g = variables.stream().map(Tensor::toFloats).toList();
      float[] w = dense().matrix().toFloats();
      float[] v = adapter.applied(variables).matrix().toFloats();
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++) {
          double expected = w[i * COLUMNS + j];
          for (int x = 0; x < 2; x++) {
            for (int y = 0; y < 2; y++) {
              for (int z = 0; z < 2; z++) {
                expected +=
                    2.0
                        * g.get(0)[i / 3 * 2 + x]
                        * g.get(1)[(i % 3 * 2 + x) * 2 + y]
                        * g.get(2)[(j / 2 * 2 + y) * 2 + z]
                        * g.get(3)[j % 2 * 2 + z];
              }
            }
          }
          assertThat((double) v[i * COLUMNS + j]).isCloseTo(expected, within(1e-4));
        }
      }
    }
  }

  /** LoRA: r (m + n). A tensor train of shape (o1, o2, i1, i2): o1 r + r o2 r + r i1 r + r i2. */
  @ParameterizedTest
  @CsvSource({
    "lora, 4096, 4096, 8, 65536",
    "lora, 352, 128, 8, 3840",
    "tt-lora, 4096, 4096, 8, 9216",
    "tt-lora, 768, 768, 5, 1680"
  })
  void updatesHaveAsManyNumbersAsInTheirPapers(
      String kind, int rows, int columns, int rank, long expected) {
    try (var _ = new TensorScope()) {
      Dense base = new Dense(Tensor.zeros(DType.F32, rows, columns));
      assertThat(adapter(kind, base, rank).start().stream().mapToLong(Tensor::elements).sum())
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "tt-lora"})
  void gradientsAreThoseOfFiniteDifferences(String kind) {
    try (var _ = new TensorScope()) {
      Adapter adapter = adapter(kind, new Dense(normal(1, ROWS, COLUMNS).to(DType.F64)), 2);
      List<Tensor> variables = moved(adapter).stream().map(t -> t.to(DType.F64)).toList();
      List<Tensor> leaves = variables.stream().map(Tensor::leaf).toList();
      List<Tensor> gradients = Autograd.gradients(loss(adapter, leaves), leaves);
      for (int core = 0; core < variables.size(); core++) {
        double[] gradient = gradients.get(core).toDoubles();
        for (int k = 0; k < gradient.length; k += 3) {
          double slope =
              (loss(adapter, stepped(variables, core, k, 1e-5)).item()
                      - loss(adapter, stepped(variables, core, k, -1e-5)).item())
                  / 2e-5;
          assertThat(gradient[k]).isCloseTo(slope, within(1e-5 * (1 + Math.abs(slope))));
        }
      }
    }
  }

  private static List<Tensor> stepped(List<Tensor> variables, int core, int k, double step) {
    List<Tensor> stepped = new ArrayList<>(variables);
    double[] values = variables.get(core).toDoubles();
    values[k] += step;
    stepped.set(core, Tensor.of(values, variables.get(core).shape()));
    return stepped;
  }

  private static Tensor loss(Adapter adapter, List<Tensor> variables) {
    Tensor x = normal(9, 7, COLUMNS).to(DType.F64);
    return adapter.applied(variables).matrix().matmul(x.transpose()).square().sum().mul(0.01);
  }

  @Test
  void anUpdateIsMergedWhereThatAddsNothingToTheCost() {
    try (var _ = new TensorScope()) {
      LowRank pair = new LowRank(normal(2, ROWS, 3), normal(3, 3, COLUMNS));
      Quantized codes = RoundToNearest.quantize(dense(), QuantizationScheme.of("int4", 5));
      assertStored(adapter("lora", dense(), 2), "dense");
      assertStored(adapter("tt-lora", dense(), 2), "dense");
      assertStored(adapter("lora", pair, 2), "lowrank");
      assertStored(adapter("tt-lora", pair, 2), "lowrank+pepo");
      assertStored(adapter("lora", codes, 2), "dense:int4+lowrank");
      assertStored(adapter("tt-lora", codes, 2), "dense:int4+pepo");
    }
  }

  private static void assertStored(Adapter adapter, String form) {
    List<Tensor> variables = moved(adapter);
    Sum applied = adapter.applied(variables);
    Factorization stored = adapter.stored(variables);
    assertThat(stored.form().label()).isEqualTo(form);
    assertThat(stored.matrix().sub(applied.matrix()).norm().item()).isLessThan(1e-4);
  }
}
