package io.karipap.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.codec.MatrixDecoder;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.TinyModel;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.SharedTensors;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.network.quantize.QuantizationScheme;
import io.karipap.network.quantize.RoundToNearest;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredFactorizationTest {

  private static final String NAME = "model.layers.0.mlp.up_proj";

  @TempDir private Path folder;

  private static Factorization factorization(String form) {
    RandomTensors random = new RandomTensors(1);
    Factorization f =
        switch (form) {
          case "dense" -> new Dense(random.normal(DType.F64, 18, 10));
          case "dense:int3+lowrank" ->
              new Sum(factorization("dense:int3"), factorization("lowrank"));
          case "sparse" ->
              Sparse.of(random.normal(DType.F64, 18, 10), (row, column) -> (row + column) % 3 == 0);
          case String coded when coded.contains(":") -> {
            String[] parts = coded.split(":");
            // sizes that the next larger one makes another number of groups: only that is noticed
            int group = parts[0].equals("pepo") ? 3 : 4;
            yield RoundToNearest.quantize(
                factorization(parts[0]), QuantizationScheme.of(parts[1], group));
          }
          case "lowrank" -> TinyModel.lowRank(random, 18, 10);
          case "btt" -> TinyModel.blockTrain(random, 18, 10);
          case "cell" -> TinyModel.cells(random, 18, 10, 1, true).getFirst();
          default -> TinyModel.pepo(random, 18, 10);
        };
    return f.to(DType.F32);
  }

  private Path write(Factorization f, ElementType type) {
    return write(StoredFactorization.tensors(NAME, f), type);
  }

  private Path write(SequencedMap<String, Tensor> tensors, ElementType type) {
    Path file = folder.resolve("cores.safetensors");
    var infos =
        tensors.entrySet().stream()
            .map(e -> TensorFiles.info(e.getKey(), e.getValue(), type))
            .toList();
    try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
      TensorFiles.write(writer, tensors, type);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "lowrank",
        "btt",
        "pepo",
        "cell",
        "sparse",
        "dense:int4",
        "dense:uint3",
        "dense:ternary",
        "lowrank:int8",
        "btt:apot5",
        "pepo:uint2",
        "dense:int3+lowrank"
      })
  void isReadBackBitForBit(String form) {
    try (var _ = new TensorScope()) {
      Factorization f = factorization(form);
      MatrixEntry entry = StoredFactorization.entry(NAME, f, 0.25);
      assertThat(entry.form()).isEqualTo(form);
      assertThat(entry.rows()).isEqualTo(18);
      assertThat(entry.columns()).isEqualTo(10);
      assertThat(entry.parameters()).isEqualTo(f.parameters());
      assertThat(entry.error()).isEqualTo(0.25);
      try (var store = TensorStore.open(write(f, ElementType.F32))) {
        Factorization read = StoredFactorization.read(store, entry);
        assertThat(read).hasSameClassAs(f);
        assertThat(read.cores()).hasSameSizeAs(f.cores());
        for (int i = 0; i < f.cores().size(); i++) {
          assertThat(read.cores().get(i).shape()).isEqualTo(f.cores().get(i).shape());
          assertThat(read.cores().get(i).toFloats()).isEqualTo(f.cores().get(i).toFloats());
        }
        // the shapes, too: cores alone do not say where the padding is
        assertThat(read.matrix().toFloats()).isEqualTo(f.matrix().toFloats());
      }
    }
  }

  /** Two implementations of every form: on tensors, and the decoder on Java arrays. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "lowrank",
        "btt",
        "pepo",
        "cell",
        "sparse",
        "dense:int4",
        "dense:uint3",
        "dense:ternary",
        "dense:lloyd2",
        "lowrank:int8",
        "btt:apot5",
        "pepo:uint2",
        "dense:int3+lowrank"
      })
  void isDecodedWithoutLibtorchToTheSameMatrix(String form) {
    try (var _ = new TensorScope()) {
      Factorization f = factorization(form);
      MatrixEntry entry = StoredFactorization.entry(NAME, f, 0);
      try (var store = TensorStore.open(write(f, ElementType.F32))) {
        float[] decoded = new MatrixDecoder(store).decode(NAME, entry.spec());
        float[] matrix = StoredFactorization.read(store, entry).matrix().toFloats();
        // the numbers are the same, sums of products to rounding
        boolean exact = List.of("dense", "sparse").contains(form) || form.matches("dense:\\w+");
        assertThat(decoded).containsExactly(matrix, within(exact ? 0 : 1e-5f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cellsAreDecodedWithoutLibtorchToTheSameMatrices(boolean ring) {
    try (var _ = new TensorScope()) {
      List<UnitCell> cells = TinyModel.cells(new RandomTensors(3), 18, 10, 3, ring);
      SequencedMap<String, Tensor> tensors = new java.util.LinkedHashMap<>();
      for (int block = 0; block < 3; block++) {
        tensors.putAll(
            StoredFactorization.tensors(
                "model.layers.%d.mlp.up_proj".formatted(block + 4), cells.get(block)));
      }
      try (var store = TensorStore.open(write(tensors, ElementType.F32))) {
        for (int block = 0; block < 3; block++) {
          String name = "model.layers.%d.mlp.up_proj".formatted(block + 4);
          assertThat(new MatrixDecoder(store).decode(name, cells.get(block).form()))
              .containsExactly(cells.get(block).matrix().toFloats(), within(1e-5f));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F16, 0.0005", "BF16, 0.004", "F64, 0"})
  void otherElementTypesAreReadToTheirPrecision(ElementType type, double precision) {
    try (var _ = new TensorScope()) {
      Factorization f = factorization("lowrank");
      MatrixEntry entry = StoredFactorization.entry(NAME, f, 0);
      try (var store = TensorStore.open(write(f, type))) {
        Tensor read = StoredFactorization.read(store, entry).cores().getFirst();
        Tensor stored = f.cores().getFirst();
        assertThat(read.dtype()).isEqualTo(DType.F32);
        assertThat(read.sub(stored).abs().max().item())
            .isLessThanOrEqualTo(precision * stored.abs().max().item());
      }
    }
  }

  @Test
  void tensorsAreNamedAfterTheMatrix() {
    try (var _ = new TensorScope()) {
      assertThat(StoredFactorization.tensors(NAME, factorization("dense")))
          .containsOnlyKeys(NAME + ".weight");
      assertThat(StoredFactorization.tensors(NAME, factorization("lowrank")))
          .containsOnlyKeys(NAME + ".core.0", NAME + ".core.1");
      assertThat(StoredFactorization.tensors(NAME, factorization("pepo")))
          .containsOnlyKeys(NAME + ".core.0", NAME + ".core.1", NAME + ".core.2", NAME + ".core.3");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatACellSharesIsStoredOnceAndReadBackShared(boolean ring) {
    try (var _ = new TensorScope()) {
      var single = SharedTensors.once(t -> t.to(DType.F32));
      List<Factorization> cells =
          TinyModel.cells(new RandomTensors(3), 18, 10, 3, ring).stream()
              .map(cell -> cell.map(single))
              .toList();
      SequencedMap<String, Tensor> tensors = new java.util.LinkedHashMap<>();
      List<MatrixEntry> entries = new ArrayList<>();
      for (int block = 0; block < 3; block++) {
        String name = "model.layers.%d.mlp.up_proj".formatted(block + 4);
        tensors.putAll(StoredFactorization.tensors(name, cells.get(block)));
        entries.add(StoredFactorization.entry(name, cells.get(block), 0.1));
      }
      long once = tensors.values().stream().mapToLong(Tensor::elements).sum();
      assertThat(once).isEqualTo(((UnitCell) cells.getFirst()).shape().parameters(3));
      assertThat(entries.stream().mapToLong(MatrixEntry::parameters).sum()).isEqualTo(once);
      try (var store = TensorStore.open(write(tensors, ElementType.F32))) {
        Map<String, Tensor> shared = new TreeMap<>();
        List<Factorization> read =
            entries.reversed().stream()
                .map(entry -> StoredFactorization.read(store, entry, shared))
                .toList()
                .reversed();
        for (int block = 0; block < 3; block++) {
          assertThat(read.get(block).matrix().toFloats())
              .isEqualTo(cells.get(block).matrix().toFloats());
          assertThat(((UnitCell) read.get(block)).position()).isEqualTo(block);
          List<Tensor> sites = ((UnitCell) read.get(block)).shared();
          for (int site = 0; site < sites.size(); site++) {
            assertThat(sites.get(site)).isSameAs(((UnitCell) read.getFirst()).shared().get(site));
          }
        }
      }
    }
  }

  @Test
  void aSharedTensorOfAnotherShapeIsRefused() {
    try (var _ = new TensorScope()) {
      Factorization f = factorization("cell");
      MatrixEntry entry = StoredFactorization.entry(NAME, f, 0);
      try (var store = TensorStore.open(write(f, ElementType.F32))) {
        Map<String, Tensor> shared = new TreeMap<>();
        shared.put(NAME + ".shared.0", Tensor.zeros(DType.F32, 18, 1, 4));
        assertThatThrownBy(() -> StoredFactorization.read(store, entry, shared))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining(NAME + ".shared.0");
      }
    }
  }

  /** One integer of the manifest at a time: each of them must fit the stored cores. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lowrank",
        "btt",
        "pepo",
        "cell",
        "sparse",
        "dense:int4",
        "dense:ternary",
        "lowrank:uint4",
        "pepo:int8",
        "dense:int3+lowrank"
      })
  void everyIntegerOfTheManifestMatters(String form) {
    try (var _ = new TensorScope()) {
      Factorization f = factorization(form);
      MatrixEntry entry = StoredFactorization.entry(NAME, f, 0);
      try (var store = TensorStore.open(write(f, ElementType.F32))) {
        for (Map.Entry<String, List<Integer>> part : entry.shape().entrySet()) {
          refused(store, entry, without(entry.shape(), part.getKey()));
          refused(store, entry, with(entry.shape(), part.getKey(), List.of()));
          List<Integer> longer = new ArrayList<>(part.getValue());
          longer.add(1);
          refused(store, entry, with(entry.shape(), part.getKey(), longer));
          for (int i = 0; i < part.getValue().size(); i++) {
            int right = part.getValue().get(i);
            for (int wrong :
                new int[] {0, -1, right + 1, 1 << 16, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
              if (wrong != right) {
                List<Integer> values = new ArrayList<>(part.getValue());
                values.set(i, wrong);
                refused(store, entry, with(entry.shape(), part.getKey(), values));
              }
            }
          }
        }
        assertThat(StoredFactorization.read(store, entry).rows()).isEqualTo(18);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lowrank",
        "btt",
        "pepo",
        "cell",
        "sparse",
        "dense:int4",
        "dense:ternary",
        "lowrank:uint4",
        "pepo:int8",
        "dense:int3+lowrank"
      })
  void manifestsOfRandomIntegersAreReadOrRefused(String form) {
    int[] values = {
      Integer.MIN_VALUE, -65536, -2, -1, 0, 1, 2, 3, 4, 5, 9, 18, 46341, 65536, Integer.MAX_VALUE
    };
    try (var _ = new TensorScope()) {
      MatrixEntry entry = StoredFactorization.entry(NAME, factorization(form), 0);
      Random random = new Random(2);
      try (var store = TensorStore.open(write(factorization(form), ElementType.F32))) {
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
          Map<String, List<Integer>> shape = new TreeMap<>();
          entry.shape().forEach((key, list) -> shape.put(key, mutated(list, values, random)));
          int rows = random.nextInt(3) == 0 ? Integer.MAX_VALUE : 18;
          try (var _ = new TensorScope()) {
            Factorization read =
                StoredFactorization.read(store, new MatrixEntry(NAME, form, rows, 10, shape, 0, 0));
            assertThat(read.matrix().shape()).containsExactly(18, 10);
          } catch (CheckpointException e) {
            refused++;
          }
        }
        assertThat(refused).isBetween(1000, 2000);
      }
    }
  }

  private static List<Integer> mutated(List<Integer> list, int[] values, Random random) {
    List<Integer> result = new ArrayList<>(list);
    if (random.nextInt(3) == 0) {
      result.set(random.nextInt(result.size()), values[random.nextInt(values.length)]);
    }
    if (random.nextInt(10) == 0) {
      result.removeLast();
    }
    return result;
  }

  @Test
  void paddingFarBeyondTheMatrixIsRefused() {
    // every core is small and fits its shape, but the contracted matrix would take 10^10 numbers
    try (var _ = new TensorScope()) {
      Map<String, List<Integer>> shape =
          Map.of(
              "grid", List.of(1, 2),
              "outputs", List.of(100_000, 100_000),
              "inputs", List.of(1, 1),
              "horizontal_bonds", List.of(1),
              "vertical_bonds", List.of());
      Map<String, Tensor> cores =
          Map.of(
              NAME + ".core.0", Tensor.zeros(DType.F32, 100_000, 1, 1),
              NAME + ".core.1", Tensor.zeros(DType.F32, 100_000, 1, 1));
      SequencedMap<String, Tensor> tensors = new java.util.LinkedHashMap<>(cores);
      var infos =
          tensors.entrySet().stream()
              .map(e -> TensorFiles.info(e.getKey(), e.getValue(), ElementType.F32))
              .toList();
      Path file = folder.resolve("padded.safetensors");
      try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
      try (var store = TensorStore.open(file)) {
        MatrixEntry entry = new MatrixEntry(NAME, "pepo", 18, 1, shape, 0, 0);
        assertThatThrownBy(() -> StoredFactorization.read(store, entry))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining(NAME)
            .hasMessageContaining("padding");
      }
    }
  }

  private static void refused(
      TensorStore store, MatrixEntry entry, Map<String, List<Integer>> shape) {
    MatrixEntry changed =
        new MatrixEntry(NAME, entry.form(), entry.rows(), entry.columns(), shape, 0, 0);
    assertThatThrownBy(() -> StoredFactorization.read(store, changed))
        .as("shape %s", shape)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(NAME)
        .hasMessageNotContaining("\n");
  }

  private static Map<String, List<Integer>> with(
      Map<String, List<Integer>> shape, String key, List<Integer> values) {
    Map<String, List<Integer>> result = new TreeMap<>(shape);
    result.put(key, values);
    return result;
  }

  private static Map<String, List<Integer>> without(Map<String, List<Integer>> shape, String key) {
    Map<String, List<Integer>> result = new TreeMap<>(shape);
    result.remove(key);
    return result;
  }

  @Test
  void formsAreNamedAsTheManifestNamesThem() {
    try (var _ = new TensorScope()) {
      assertThat(factorization("btt")).isInstanceOf(BlockTensorTrain.class);
      assertThat(factorization("pepo")).isInstanceOf(Pepo.class);
      assertThat(factorization("lowrank")).isInstanceOf(LowRank.class);
      for (String form : List.of("dense", "lowrank", "btt", "pepo", "cell")) {
        assertThat(factorization(form).form().label()).isEqualTo(form);
      }
    }
  }
}
