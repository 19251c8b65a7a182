package io.karipap.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.ArtifactManifest;
import io.karipap.checkpoint.artifact.ArtifactWriter;
import io.karipap.checkpoint.artifact.CalibrationRecord;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.model.NaiveDecoder;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadedModelTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ORIGINAL = SharedFiles.model("stories260K");

  // a small model for a real tokenizer of 512 ids
  private static final Architecture ARCHITECTURE =
      TinyModel.architecture("{'vocab_size': 512, 'num_hidden_layers': 1, 'attention_bias': true}");

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void chooseFolder() {
    folder = temporary.resolve("model");
  }

  private static SequencedMap<String, Tensor> tensors(Weights weights) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    weights.matrices().forEach((name, f) -> tensors.putAll(StoredFactorization.tensors(name, f)));
    tensors.putAll(weights.vectors());
    return tensors;
  }

  private static void writeTensors(
      Path file, SequencedMap<String, Tensor> tensors, ElementType type) {
    try (var writer = SafetensorsWriter.create(file, infos(tensors, type), Map.of())) {
      TensorFiles.write(writer, tensors, type);
    }
  }

  private static List<TensorInfo> infos(SequencedMap<String, Tensor> tensors, ElementType type) {
    return tensors.entrySet().stream()
        .map(e -> TensorFiles.info(e.getKey(), e.getValue(), type))
        .toList();
  }

  /** An original model in Hugging Face layout. */
  private void writeOriginal(SequencedMap<String, Tensor> tensors, ElementType type) {
    try {
      Files.createDirectories(folder);
      for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
        Files.copy(ORIGINAL.resolve(name), folder.resolve(name));
      }
      Files.writeString(folder.resolve("config.json"), ARCHITECTURE.config().raw().toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    writeTensors(folder.resolve("model.safetensors"), tensors, type);
  }

  private void writeArtifact(Weights weights) {
    writeArtifact(ARCHITECTURE, weights);
  }

  private void writeArtifact(Architecture architecture, Weights weights) {
    List<MatrixEntry> entries = new ArrayList<>();
    weights.matrices().forEach((name, f) -> entries.add(StoredFactorization.entry(name, f, 0.125)));
    var calibration = new CalibrationRecord("ab".repeat(32), 4096, 16, 256, "stories");
    var manifest =
        new ArtifactManifest(ArtifactManifest.VERSION, "test", 1, calibration, entries, "", 0);
    try (var artifact = ArtifactWriter.begin(folder, false)) {
      artifact.copyTokenizer(ORIGINAL);
      var tensors = tensors(weights);
      try (var writer = artifact.tensors(infos(tensors, ElementType.F32), Map.of())) {
        TensorFiles.write(writer, tensors, ElementType.F32);
      }
      var _ = artifact.commit(architecture.config().raw(), manifest);
    }
  }

  private static Weights weights() {
    return TinyModel.single(TinyModel.weights(ARCHITECTURE, 1));
  }

  private static void assertEqual(Weights actual, Weights expected) {
    assertThat(actual.matrices().keySet()).containsExactlyElementsOf(expected.matrices().keySet());
    assertThat(actual.vectors().keySet()).containsExactlyElementsOf(expected.vectors().keySet());
    List<Tensor> a = actual.tensors();
    List<Tensor> b = expected.tensors();
    assertThat(a).hasSameSizeAs(b);
    for (int i = 0; i < a.size(); i++) {
      assertThat(a.get(i).shape()).isEqualTo(b.get(i).shape());
      assertThat(a.get(i).toFloats()).isEqualTo(b.get(i).toFloats());
    }
  }

  @Test
  void anOriginalModelIsReadBitForBit() {
    try (var _ = new TensorScope()) {
      Weights weights = weights();
      writeOriginal(tensors(weights), ElementType.F32);
      try (var model = LoadedModel.open(folder)) {
        assertEqual(model.weights(), weights);
        assertThat(model.manifest()).isEmpty();
        assertThat(model.folder()).isEqualTo(folder);
        assertThat(model.config().layers()).isEqualTo(1);
        assertThat(model.tokenizer().encode("Once")).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F16, F16", "BF16, BF16", "F64, F32"})
  void otherElementTypesAreWidenedOrRoundedToFloat32(ElementType stored, DType rounded) {
    try (var _ = new TensorScope()) {
      writeOriginal(tensors(weights()), stored);
      try (var model = LoadedModel.open(folder)) {
        assertEqual(model.weights(), weights().map(t -> t.to(rounded).to(DType.F32)));
        assertThat(model.weights().tensors()).allMatch(t -> t.dtype() == DType.F32);
      }
    }
  }

  @Test
  void aCompressedModelIsReadBitForBit() {
    try (var _ = new TensorScope()) {
      Weights weights = TinyModel.single(TinyModel.factorized(ARCHITECTURE, weights(), 2));
      writeArtifact(weights);
      try (var model = LoadedModel.open(folder)) {
        assertEqual(model.weights(), weights);
        assertThat(model.manifest().orElseThrow().matrices()).hasSize(9);
        Tensor ids = TinyModel.tensor(1, 400, 3);
        assertThat(model.decoder().logits(ids).toFloats())
            .isEqualTo(new Decoder(ARCHITECTURE, weights.rebuilt()).logits(ids).toFloats());
      }
    }
  }

  @Test
  void whatACellSharesIsOneTensorOfTheModel() {
    try (var _ = new TensorScope()) {
      Architecture two = TinyModel.architecture("{'vocab_size': 512, 'attention_bias': true}");
      Weights deep = TinyModel.single(TinyModel.shared(two, TinyModel.weights(two, 1), 2));
      writeArtifact(two, deep);
      try (var model = LoadedModel.open(folder)) {
        assertEqual(model.weights(), deep);
        assertThat(model.weights().parameters()).isEqualTo(deep.parameters());
        assertThat(
                model.manifest().orElseThrow().matrices().stream()
                    .mapToLong(MatrixEntry::parameters)
                    .sum())
            .isEqualTo(
                deep.parameters()
                    - deep.vectors().values().stream().mapToLong(Tensor::elements).sum());
      }
    }
  }

  @Test
  void weightsOutliveTheScopeTheyWereReadIn() {
    try (var _ = new TensorScope()) {
      writeOriginal(tensors(weights()), ElementType.F32);
    }
    LoadedModel model;
    try (var _ = new TensorScope()) {
      model = LoadedModel.open(folder);
    }
    try (model;
        var _ = new TensorScope()) {
      assertThat(model.decoder().logits(TinyModel.tensor(1, 2)).isFinite()).isTrue();
    }
  }

  @Test
  void tiedEmbeddingsMayBeStoredAsTheHead() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedFiles.model("tinystories656K"))) {
      assertThat(model.config().tiedEmbeddings()).isTrue();
      assertThat(model.weights().matrices()).containsKey(TinyModel.EMBEDDINGS);
      assertThat(model.weights().matrices()).doesNotContainKey(TinyModel.HEAD);
      assertThat(model.weights().parameters()).isEqualTo(656_000);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.embed_tokens.weight",
        "lm_head.weight",
        "model.norm.weight",
        "model.layers.0.self_attn.q_proj.bias",
        "model.layers.0.mlp.down_proj.weight"
      })
  void aTensorThatIsMissingMisshapenOrNotFiniteIsNamed(String name) {
    try (var _ = new TensorScope()) {
      writeOriginal(tensors(weights()), ElementType.F32);
      Path file = folder.resolve("model.safetensors");

      var missing = tensors(weights());
      missing.remove(name);
      writeTensors(file, missing, ElementType.F32);
      refused(name);

      var misshapen = tensors(weights());
      Tensor right = misshapen.getOrDefault(name, Tensor.eye(DType.F32, 1));
      misshapen.put(name, right.reshape(-1).narrow(0, 0, right.elements() - 1));
      writeTensors(file, misshapen, ElementType.F32);
      refused(name);

      for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
        var damaged = tensors(weights());
        float[] values = right.toFloats();
        values[values.length - 1] = (float) value;
        damaged.put(name, Tensor.of(values, right.shape()));
        writeTensors(file, damaged, ElementType.F32);
        refused(name);
      }
    }
  }

  private void refused(String... parts) {
    assertThatThrownBy(() -> LoadedModel.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFolderThatIsNoModelIsRefused() throws IOException {
    refused(folder.toString(), "no model folder");
    Files.createDirectory(folder);
    refused(folder.toString());
  }

  @Test
  void aManifestThatDisagreesWithTheConfigurationIsRefused() throws IOException {
    try (var _ = new TensorScope()) {
      writeArtifact(TinyModel.single(TinyModel.factorized(ARCHITECTURE, weights(), 3)));
      Path file = folder.resolve("config.json");
      ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
      json.put("intermediate_size", 24);
      Files.writeString(file, json.toString());
      refused("model.layers.0.mlp.gate_proj", "20 x 12", "24 x 12");
    }
  }

  /**
   * A million ways to be wrong, a few hundred of them: nothing but the right model or one clear
   * error comes out.
   */
  @Test
  void mutatedConfigurationsAreReadOrRefused() throws IOException {
    Random random = new Random(4);
    try (var _ = new TensorScope()) {
      writeArtifact(TinyModel.single(TinyModel.factorized(ARCHITECTURE, weights(), 5)));
    }
    Path file = folder.resolve("config.json");
    JsonNode right = JSON.readTree(file.toFile());
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      JsonNode json = right.deepCopy();
      mutate(json, random);
      Files.writeString(file, json.toString());
      try (var _ = new TensorScope();
          var model = LoadedModel.open(folder)) {
        assertThat(model.decoder().logits(TinyModel.tensor(1, 2)).isFinite()).isTrue();
      } catch (CheckpointException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isBetween(150, 299);
  }

  /** Changes, adds or removes one value somewhere. */
  private static void mutate(JsonNode node, Random random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(node, containers);
    JsonNode chosen = containers.get(random.nextInt(containers.size()));
    JsonNode value =
        switch (random.nextInt(8)) {
          case 0 -> JSON.nullNode();
          case 1 -> JSON.getNodeFactory().numberNode(-1);
          case 2 -> JSON.getNodeFactory().numberNode(0);
          case 3 -> JSON.getNodeFactory().numberNode(Integer.MAX_VALUE);
          case 4 -> JSON.getNodeFactory().numberNode(1e300);
          case 5 -> JSON.getNodeFactory().numberNode(random.nextInt(20));
          case 6 -> JSON.getNodeFactory().textNode("pepo");
          default -> JSON.createArrayNode();
        };
    if (chosen instanceof ArrayNode array) {
      array.set(random.nextInt(array.size()), value);
    } else if (chosen instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      if (random.nextInt(4) == 0) {
        object.remove(name);
      } else {
        object.set(name, value);
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (!node.isEmpty()) {
      containers.add(node);
    }
    node.forEach(child -> collect(child, containers));
  }

  @Test
  void tensorTypesThatNoWeightHasAreRefused() {
    try (var _ = new TensorScope()) {
      writeOriginal(tensors(weights()), ElementType.F32);
      Path file = folder.resolve("model.safetensors");
      Tensor norm = Tensor.of(new long[12], 12);
      var infos = new ArrayList<>(infos(tensors(weights()), ElementType.F32));
      infos.removeLast();
      infos.add(TensorFiles.info("model.norm.weight", norm, ElementType.I64));
      var floats = tensors(weights());
      infos.removeIf(
          info -> info.type() == ElementType.F32 && info.name().equals("model.norm.weight"));
      floats.keySet().removeIf(name -> infos.stream().noneMatch(i -> i.name().equals(name)));
      floats.remove("model.norm.weight");
      try (var writer = SafetensorsWriter.create(file, infos, Map.of())) {
        TensorFiles.write(writer, floats, ElementType.F32);
        writer.write("model.norm.weight", norm.segment());
      }
      refused("model.norm.weight", "I64");
    }
  }

  @Test
  void realModelsGiveFiniteLogitsAtTheEndOfTheirContext() {
    try (var _ = new TensorScope();
        var model = LoadedModel.open(SharedFiles.model("tiny1m"))) {
      long[] ids = new Random(6).longs(256, 3, 512).toArray();
      Tensor logits = model.decoder().logits(Tensor.of(ids, 1, 256));
      assertThat(logits.isFinite()).isTrue();
      double[] naive =
          new NaiveDecoder(model.architecture(), model.weights())
              .logits(java.util.Arrays.stream(ids).mapToInt(Math::toIntExact).toArray())[255];
      assertThat(logits.select(1, 255).toDoubles()).containsExactly(naive, within(1e-4));
    }
  }
}
