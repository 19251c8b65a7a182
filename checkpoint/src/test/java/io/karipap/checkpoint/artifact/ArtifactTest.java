package io.karipap.checkpoint.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.checkpoint.safetensors.SafetensorsWriter;
import io.karipap.checkpoint.safetensors.TensorInfo;
import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArtifactTest {
  private static final Path ORIGINAL = SharedFiles.model("tinystories656K");
  private static final List<TensorInfo> CORES =
      List.of(
          new TensorInfo("model.layers.0.mlp.up_proj.core.0", ElementType.F32, List.of(2L, 3L)),
          new TensorInfo("model.layers.0.mlp.up_proj.core.1", ElementType.I8, List.of(4L)),
          new TensorInfo("model.norm.weight", ElementType.BF16, List.of(2L)));

  @TempDir Path folder;

  private static ArtifactManifest manifest() {
    MatrixEntry up =
        new MatrixEntry(
            "model.layers.0.mlp.up_proj",
            "pepo",
            384,
            128,
            Map.of("grid", List.of(2, 2), "outputs", List.of(4, 4, 4, 6), "bonds", List.of()),
            0.25,
            10);
    CalibrationRecord calibration =
        new CalibrationRecord("ab".repeat(32), 4096, 16, 256, "stories, 16 windows");
    return new ArtifactManifest(
        ArtifactManifest.VERSION,
        "2x2 PEPO",
        Long.MIN_VALUE,
        calibration,
        List.of("residual", "values"),
        List.of(up),
        "",
        0);
  }

  private static void writeTensors(ArtifactWriter artifact) {
    try (SafetensorsWriter writer = artifact.tensors(CORES, Map.of("format", "pt"))) {
      for (TensorInfo core : CORES) {
        writer.write(core.name(), MemorySegment.ofArray(new byte[Math.toIntExact(core.bytes())]));
      }
    }
  }

  private static ArtifactManifest write(Path target, boolean replaceOurs) {
    try (ArtifactWriter artifact = ArtifactWriter.begin(target, replaceOurs)) {
      artifact.copyTokenizer(ORIGINAL);
      writeTensors(artifact);
      artifact.addText("plan.yaml", "plan: é\n");
      return artifact.commit(Json.read(ORIGINAL.resolve("config.json")), manifest());
    }
  }

  @Test
  void returnsWhatWasWritten() throws IOException {
    Path target = folder.resolve("new/compressed");
    ArtifactManifest written = write(target, false);
    Artifact.verify(target);
    assertThat(Artifact.manifest(target)).hasValue(written);
    assertThat(written)
        .isEqualTo(manifest().withTensors(written.tensorsSha256(), written.tensorsBytes()));
    assertThat(written.tensorsBytes()).isEqualTo(Files.size(target.resolve("model.safetensors")));
    assertThat(target.resolve("plan.yaml")).hasContent("plan: é\n");
    for (String name :
        List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "generation_config.json")) {
      assertThat(target.resolve(name)).hasSameBinaryContentAs(ORIGINAL.resolve(name));
    }
    ObjectNode config = Json.read(target.resolve("config.json"));
    config.remove("karipap");
    assertThat(config).isEqualTo(Json.read(ORIGINAL.resolve("config.json")));
    assertThat(target.getParent()).isDirectoryNotContaining("glob:**/.*");
    try (Tokenizer tokenizer =
        Tokenizer.open(target, LlamaConfig.read(target.resolve("config.json")).model())) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(2048);
    }
  }

  @Test
  void writesTheSameBytesTwice() {
    write(folder.resolve("one"), false);
    write(folder.resolve("two"), false);
    for (String name : List.of("config.json", "model.safetensors")) {
      assertThat(folder.resolve("one").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("two").resolve(name));
    }
  }

  @Test
  void knowsTheDigestOfAFile() {
    // hashlib of Python 3
    assertThat(Artifact.sha256(SharedFiles.path("models/stories260K/model.safetensors")))
        .isEqualTo("4c508040cfef88ad304b75a301721728a8de6645356394cb4634a7945ff82675");
  }

  @Test
  void takesAnEmptyFolderAndReplacesAnArtifactOnlyWhenAsked() throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));
    write(target, false);
    assertThatThrownBy(() -> ArtifactWriter.begin(target, false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("holds a compressed model already");
    Files.writeString(target.resolve("trace"), "of the old one");
    write(target, true);
    Artifact.verify(target);
    assertThat(target.resolve("trace")).doesNotExist();
    assertThat(folder).isDirectoryNotContaining("glob:**/.*");
  }

  @Test
  void writesThroughALinkToAFolder() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    write(link, false);
    assertThat(link).isSymbolicLink();
    Artifact.verify(real);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"config.json | {}", "config.json | {\"karipap\":1}", "config.json | {", "notes | x"})
  void neverReplacesWhatIsNotOurs(String name, String content) throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.writeString(target.resolve(name), content);
    assertThatThrownBy(() -> ArtifactWriter.begin(target, true))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is not a compressed model of karipap; give another folder");
    assertThat(target.resolve(name)).hasContent(content);
  }

  @Test
  void neverReplacesAFileOrTheRoot() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> ArtifactWriter.begin(file, true))
        .isInstanceOf(CheckpointException.class);
    assertThat(file).hasContent("x");
    assertThatThrownBy(() -> ArtifactWriter.begin(Path.of("/"), true))
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> ArtifactWriter.begin(file.resolve("below"), true))
        .isInstanceOf(CheckpointException.class);
  }

  @Test
  void keepsWhatHasTakenItsPlaceMeanwhile() throws IOException {
    Path target = folder.resolve("target");
    try (ArtifactWriter artifact = ArtifactWriter.begin(target, true)) {
      writeTensors(artifact);
      Files.createDirectory(target);
      Files.writeString(target.resolve("mine"), "x");
      ObjectNode config = Json.read(ORIGINAL.resolve("config.json"));
      assertThatThrownBy(() -> artifact.commit(config, manifest()))
          .isInstanceOf(CheckpointException.class);
    }
    assertThat(target.resolve("mine")).hasContent("x");
    assertThat(folder).isDirectoryNotContaining("glob:**/.*");
  }

  @Test
  void leavesNothingBehindWithoutACommit() {
    try (ArtifactWriter artifact = ArtifactWriter.begin(folder.resolve("target"), false)) {
      artifact.copyTokenizer(ORIGINAL);
      writeTensors(artifact);
      assertThat(folder).isDirectoryContaining("glob:**/.target.partial-1");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void leavesNothingBehindAfterAnErrorWhileTensorsAreWritten() {
    assertThatThrownBy(
            () -> {
              try (ArtifactWriter artifact = ArtifactWriter.begin(folder.resolve("t"), false);
                  SafetensorsWriter writer = artifact.tensors(CORES, Map.of())) {
                writer.write("wrong", MemorySegment.ofArray(new byte[1]));
              }
            })
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void keepsTwoWritersOfOneTargetApart() {
    Path target = folder.resolve("target");
    try (ArtifactWriter first = ArtifactWriter.begin(target, false);
        ArtifactWriter second = ArtifactWriter.begin(target, false)) {
      first.addText("plan.yaml", "first");
      second.addText("plan.yaml", "second");
      assertThat(folder.resolve(".target.partial-1/plan.yaml")).hasContent("first");
      assertThat(folder.resolve(".target.partial-2/plan.yaml")).hasContent("second");
    }
  }

  @Test
  void refusesNamesThatAreTakenOrLeaveTheFolder() {
    try (ArtifactWriter artifact = ArtifactWriter.begin(folder.resolve("target"), false)) {
      artifact.addText("plan.yaml", "");
      for (String name :
          List.of("plan.yaml", "config.json", "model.safetensors", "../x", "a/b", "", "..")) {
        assertThatThrownBy(() -> artifact.addText(name, ""))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void refusesACommitWithoutTensors() {
    ObjectNode config = Json.read(ORIGINAL.resolve("config.json"));
    try (ArtifactWriter artifact = ArtifactWriter.begin(folder.resolve("target"), false)) {
      assertThatThrownBy(() -> artifact.commit(config, manifest()))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAManifestWhoseMatricesAreNotThere() {
    ArtifactManifest manifest = manifest();
    MatrixEntry absent = new MatrixEntry("lm_head", "dense", 1, 1, Map.of(), 0, 1);
    ArtifactManifest wrong =
        new ArtifactManifest(
            manifest.version(), "", 0, manifest.calibration(), List.of(absent), "", 0);
    ObjectNode config = Json.read(ORIGINAL.resolve("config.json"));
    try (ArtifactWriter artifact = ArtifactWriter.begin(folder.resolve("target"), false)) {
      writeTensors(artifact);
      assertThatThrownBy(() -> artifact.commit(config, wrong))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("no tensor of the matrix 'lm_head'");
    }
  }

  @Test
  void noticesEveryChangedByteOfTheTensors() throws IOException {
    Path target = folder.resolve("target");
    write(target, false);
    Path tensors = target.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(tensors);
    for (int at = 0; at < whole.length; at += 7) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      Files.write(tensors, changed);
      assertThatThrownBy(() -> Artifact.verify(target))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("SHA-256");
    }
    Files.write(tensors, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> Artifact.verify(target))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("the manifest says " + whole.length);
    Files.delete(tensors);
    assertThatThrownBy(() -> Artifact.verify(target))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void knowsThatAnOriginalModelIsNotCompressed() {
    assertThat(Artifact.manifest(ORIGINAL)).isEmpty();
    assertThatThrownBy(() -> Artifact.verify(ORIGINAL))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it is not a compressed model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "version | \"2\" | karipap: version is '2'; this karipap reads version 1",
        "version | 1 | version must be a string",
        "seed | 0.5 | seed must be a whole number",
        "calibration | null | calibration is missing",
        "gauge | \"values\" | gauge must be a list",
        "gauge | [1] | gauge must be a list of strings",
        "matrices | {} | matrices must be a list",
        "matrices | [1] | matrices must be a list of objects",
        "tensors_bytes | -1 | tensors_bytes must be from 0",
        "tensors_sha256 | null | tensors_sha256 is missing",
      })
  void namesTheManifestsFieldThatIsWrong(String key, String value, String message) {
    ObjectNode manifest = manifest().toJson();
    manifest.set(key, Json.parse("{\"x\":" + value + "}", folder).get("x"));
    assertManifestRefused(manifest, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "form | \"mera\" | matrices[0]: form is 'mera'; known are [dense, lowrank, btt, pepo, cell, sparse]",
        "form | \"cell:int4\" | matrices[0]: form is 'cell:int4'; known are [dense",
        "rows | 0 | matrices[0]: rows must be from 1",
        "error | -1 | matrices[0]: error must be a number from 0",
        "shape | {\"grid\":[1.5]} | shape: grid must be a whole number",
        "parameters | \"x\" | parameters must be a whole number",
      })
  void namesTheMatrixsFieldThatIsWrong(String key, String value, String message) {
    ObjectNode manifest = manifest().toJson();
    ObjectNode matrix = (ObjectNode) ((ArrayNode) manifest.get("matrices")).get(0);
    matrix.set(key, Json.parse("{\"x\":" + value + "}", folder).get("x"));
    assertManifestRefused(manifest, message);
  }

  private static void assertManifestRefused(ObjectNode manifest, String message) {
    ObjectNode config = Json.read(ORIGINAL.resolve("config.json"));
    config.set("karipap", manifest);
    assertThatThrownBy(() -> Artifact.manifest(config))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("config.json, karipap")
        .hasMessageContaining(message);
  }

  @Test
  void refusesMatricesThatCannotBe() {
    assertThatThrownBy(() -> new MatrixEntry("a", "mera", 1, 1, Map.of(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MatrixEntry("a", "dense", 0, 1, Map.of(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MatrixEntry("a", "dense", 1, 1, Map.of(), Double.NaN, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
