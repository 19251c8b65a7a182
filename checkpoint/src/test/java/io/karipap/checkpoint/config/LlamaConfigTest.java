package io.karipap.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Json;
import io.karipap.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlamaConfigTest {
  private static final String SMALL =
      """
      {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_act":"silu",
       "hidden_size":64,"intermediate_size":172,"num_hidden_layers":5,"num_attention_heads":8,
       "num_key_value_heads":4,"vocab_size":512,"max_position_embeddings":512,
       "rms_norm_eps":1e-05,"bos_token_id":1,"eos_token_id":2}\
      """;

  @TempDir Path folder;

  private static ObjectNode json(String text) {
    return Json.parse(text, Path.of("config.json"));
  }

  private static LlamaConfig parse(String text) {
    return LlamaConfig.parse(json(text), "config.json");
  }

  /** The small configuration with one field, value as JSON, replaced or added. */
  private static LlamaConfig with(String key, String value) {
    ObjectNode config = json(SMALL);
    config.set(key, json("{\"x\":" + value + "}").get("x"));
    return LlamaConfig.parse(config, "config.json");
  }

  @Test
  void readsTheSharedModels() {
    LlamaConfig tiny = LlamaConfig.read(SharedFiles.path("models/tiny1m/config.json"));
    assertThat(tiny.model().architecture()).isEqualTo("LlamaForCausalLM");
    assertThat(tiny.model().hiddenSize()).isEqualTo(128);
    assertThat(tiny.intermediateSize()).isEqualTo(352);
    assertThat(tiny.model().layers()).isEqualTo(4);
    assertThat(tiny.heads()).isEqualTo(2);
    assertThat(tiny.keyValueHeads()).isEqualTo(2);
    assertThat(tiny.headDimension()).isEqualTo(64);
    assertThat(tiny.model().vocabularySize()).isEqualTo(512);
    assertThat(tiny.model().contextLength()).isEqualTo(256);
    assertThat(tiny.normEpsilon()).isEqualTo(1e-6);
    assertThat(tiny.model().tiedEmbeddings()).isFalse();

    LlamaConfig stories = LlamaConfig.read(SharedFiles.path("models/stories260K/config.json"));
    assertThat(stories.keyValueHeads()).isEqualTo(4);
    assertThat(stories.headDimension()).isEqualTo(8);
    assertThat(stories.model().tiedEmbeddings()).isTrue();
    assertThat(stories.ropeTheta()).isEqualTo(10_000);
    assertThat(stories.ropeScaling()).isEqualTo(new RopeScaling.None());
    assertThat(stories.slidingWindow()).isEmpty();

    LlamaConfig other = LlamaConfig.read(SharedFiles.path("models/tinystories656K/config.json"));
    assertThat(other.headDimension()).isEqualTo(16);
    assertThat(other.model().bosTokenId()).isOne();
    assertThat(other.model().eosTokenIds()).containsExactly(2);
  }

  @Test
  void readsLlama31() {
    LlamaConfig config =
        parse(
            """
            {"architectures":["LlamaForCausalLM"],"attention_bias":false,"bos_token_id":128000,
             "eos_token_id":[128001,128008,128009],"hidden_act":"silu","hidden_size":4096,
             "intermediate_size":14336,"max_position_embeddings":131072,"mlp_bias":false,
             "model_type":"llama","num_attention_heads":32,"num_hidden_layers":32,
             "num_key_value_heads":8,"rms_norm_eps":1e-05,"rope_scaling":{"factor":8.0,
             "low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":8192,"rope_type":"llama3"},
             "rope_theta":500000.0,"tie_word_embeddings":false,"vocab_size":128256}\
            """);
    assertThat(config.ropeScaling()).isEqualTo(new RopeScaling.Llama3(8, 1, 4, 8192));
    assertThat(config.ropeTheta()).isEqualTo(500_000);
    assertThat(config.headDimension()).isEqualTo(128);
    assertThat(config.model().eosTokenIds()).containsExactly(128001, 128008, 128009);
  }

  @Test
  void readsMistralWithAndWithoutItsWindow() {
    String mistral =
        SMALL.replace("LlamaForCausalLM", "MistralForCausalLM").replace("llama", "mistral");
    assertThat(parse(mistral.replace("{", "{\"sliding_window\":4096,")).slidingWindow())
        .hasValue(4096);
    assertThat(parse(mistral.replace("{", "{\"sliding_window\":null,")).slidingWindow()).isEmpty();
    // MistralConfig's default
    assertThat(parse(mistral).slidingWindow()).hasValue(4096);
    assertThat(parse(mistral).attentionBias()).isFalse();
  }

  @Test
  void readsQwen25WithItsBiasesAndWithoutTheWindowThatIsOff() {
    String qwen =
        """
        {"architectures":["Qwen2ForCausalLM"],"attention_dropout":0.0,"bos_token_id":151643,
         "eos_token_id":151645,"hidden_act":"silu","hidden_size":896,"initializer_range":0.02,
         "intermediate_size":4864,"max_position_embeddings":32768,"max_window_layers":21,
         "model_type":"qwen2","num_attention_heads":14,"num_hidden_layers":24,
         "num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_theta":1000000.0,
         "sliding_window":32768,"tie_word_embeddings":true,"use_sliding_window":false,
         "vocab_size":151936}\
        """;
    LlamaConfig config = parse(qwen);
    assertThat(config.attentionBias()).isTrue();
    assertThat(config.attentionOutputBias()).isFalse();
    assertThat(config.mlpBias()).isFalse();
    assertThat(config.slidingWindow()).isEmpty();
    assertThat(config.model().tiedEmbeddings()).isTrue();
    assertThat(parse(qwen.replace("{", "{\"attention_bias\":false,")).attentionBias()).isFalse();

    String on = qwen.replace("\"use_sliding_window\":false", "\"use_sliding_window\":true");
    assertThat(parse(on.replace(":21", ":0")).slidingWindow()).hasValue(32768);
    assertThat(parse(on.replace(":21", ":24")).slidingWindow()).isEmpty();
    assertThatThrownBy(() -> parse(on)).hasMessageContaining("max_window_layers is 21 of 24");
  }

  @Test
  void readsSmolLm() {
    LlamaConfig config =
        parse(
            """
            {"architectures":["LlamaForCausalLM"],"attention_bias":false,"bos_token_id":0,
             "eos_token_id":0,"hidden_act":"silu","hidden_size":576,"intermediate_size":1536,
             "max_position_embeddings":2048,"model_type":"llama","num_attention_heads":9,
             "num_hidden_layers":30,"num_key_value_heads":3,"rms_norm_eps":1e-05,
             "rope_scaling":null,"rope_theta":10000.0,"tie_word_embeddings":true,
             "vocab_size":49152}\
            """);
    assertThat(config.headDimension()).isEqualTo(64);
    assertThat(config.model().tiedEmbeddings()).isTrue();
    assertThat(config.model().bosTokenId()).isZero();
  }

  @Test
  void readsBothBiasesOfLlama() {
    LlamaConfig config = with("attention_bias", "true");
    assertThat(config.attentionBias()).isTrue();
    assertThat(config.attentionOutputBias()).isTrue();
    assertThat(with("mlp_bias", "true").mlpBias()).isTrue();
  }

  @Test
  void fillsInWhatTheLibraryWouldFillIn() {
    ObjectNode config = json(SMALL);
    config.remove(List.of("num_key_value_heads", "rms_norm_eps", "hidden_act", "bos_token_id"));
    config.putNull("eos_token_id");
    LlamaConfig parsed = LlamaConfig.parse(config, "config.json");
    assertThat(parsed.keyValueHeads()).isEqualTo(8);
    assertThat(parsed.normEpsilon()).isEqualTo(1e-6);
    assertThat(parsed.model().bosTokenId()).isEqualTo(-1);
    assertThat(parsed.model().eosTokenIds()).isEmpty();
    assertThat(parsed.model().tiedEmbeddings()).isFalse();
  }

  @Test
  void readsScalingsOfTheRotaryEmbedding() {
    assertThat(with("rope_scaling", "{\"type\":\"linear\",\"factor\":4}").ropeScaling())
        .isEqualTo(new RopeScaling.Linear(4));
    assertThat(with("rope_scaling", "{\"rope_type\":\"default\"}").ropeScaling())
        .isEqualTo(new RopeScaling.None());
    LlamaConfig newer =
        with("rope_parameters", "{\"rope_type\":\"linear\",\"factor\":2,\"rope_theta\":5e5}");
    assertThat(newer.ropeScaling()).isEqualTo(new RopeScaling.Linear(2));
    assertThat(newer.ropeTheta()).isEqualTo(500_000);
  }

  @Test
  void readsYarn() {
    // Qwen2.5's model card; 0.1 ln 4 + 1 = 1.138629436111989
    String qwen = "{\"type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":32768}";
    assertThat(with("rope_scaling", qwen).ropeScaling())
        .isEqualTo(new RopeScaling.Yarn(4, 32768, 32, 1, 1.138629436111989, true));
    String given =
        """
        {"rope_type":"yarn","factor":16,"beta_fast":64,"beta_slow":2,"attention_factor":0.5,
         "truncate":false}\
        """;
    assertThat(with("rope_scaling", given).ropeScaling())
        .isEqualTo(new RopeScaling.Yarn(16, 512, 64, 2, 0.5, false));
    // equal mscale and mscale_all_dim cancel, as in DeepSeek's files
    String cancelling = "{\"type\":\"yarn\",\"factor\":40,\"mscale\":0.7,\"mscale_all_dim\":0.7}";
    assertThat(with("rope_scaling", cancelling).ropeScaling())
        .isEqualTo(new RopeScaling.Yarn(40, 512, 32, 1, 1, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "architectures | [\"GemmaForCausalLM\"] | supported are [LlamaForCausalLM, MistralForCa",
        "architectures | [] | supported are",
        "architectures | null | supported are",
        "architectures | [\"LlamaForCausalLM\",\"Qwen2ForCausalLM\"] | supported are",
        "hidden_act | \"gelu\" | hidden_act is 'gelu'",
        "quantization_config | {} | unquantized",
        "hidden_size | null | hidden_size is missing",
        "hidden_size | 0 | hidden_size must be from 1",
        "hidden_size | -64 | hidden_size must be from 1",
        "hidden_size | 64.5 | must be a whole number",
        "hidden_size | \"64\" | must be a whole number, is '\"64\"'",
        "hidden_size | 99999999999999999999 | must be a whole number",
        "hidden_size | 1e300 | must be a whole number",
        "hidden_size | 2147483647 | must be from 1 to 1048576",
        "hidden_size | 65 | hidden_size is 65, which num_attention_heads, 8, does not divide",
        "hidden_size | 72 | head_dim is 9; rotary embedding needs an even number",
        "head_dim | 7 | head_dim is 7",
        "num_key_value_heads | 3 | is 3, which does not divide num_attention_heads, 8",
        "num_key_value_heads | 16 | must be from 1 to 8",
        "num_hidden_layers | 0 | num_hidden_layers",
        "num_hidden_layers | 100000 | num_hidden_layers",
        "intermediate_size | true | intermediate_size",
        "vocab_size | 1000000000 | vocab_size",
        "max_position_embeddings | 0 | max_position_embeddings",
        "rms_norm_eps | -1 | rms_norm_eps must be a number from",
        "rope_theta | 0 | rope_theta",
        "bos_token_id | 512 | bos_token_id must be from -1 to 511",
        "eos_token_id | [2,512] | eos_token_id must be from 0 to 511",
        "eos_token_id | [\"x\"] | eos_token_id must be a whole number",
        "tie_word_embeddings | 1 | tie_word_embeddings must be true or false",
        "partial_rotary_factor | 0.5 | partial_rotary_factor",
        "rope_scaling | {\"type\":\"dynamic\",\"factor\":2} | 'dynamic'; supported are default",
        "rope_scaling | {\"factor\":2} | is missing; supported are default, linear",
        "rope_scaling | 2 | rope_scaling must be an object",
        "rope_scaling | {\"type\":\"linear\"} | factor is missing",
        "rope_scaling | {\"type\":\"linear\",\"factor\":0.5} | factor must be a number from 1",
        "rope_scaling | {\"type\":\"yarn\",\"factor\":2,\"beta_slow\":40} | beta_slow",
        "rope_scaling | {\"type\":\"llama3\",\"factor\":2,\"low_freq_factor\":4,"
            + "\"high_freq_factor\":4,\"original_max_position_embeddings\":9} | low_freq_factor",
      })
  void namesTheFieldThatIsWrong(String key, String value, String message) {
    assertThatThrownBy(() -> with(key, value))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("config.json")
        .hasMessageContaining(message);
  }

  @Test
  void takesTheIdsOfTheGenerationConfiguration() throws IOException {
    Path path = Files.writeString(folder.resolve("config.json"), SMALL);
    assertThat(LlamaConfig.read(path).model().eosTokenIds()).containsExactly(2);
    Path generation = folder.resolve("generation_config.json");
    Files.writeString(
        generation,
        """
        {"bos_token_id":3,"eos_token_id":[5,6],"temperature":0.6,"top_p":0.9,"do_sample":true}\
        """);
    assertThat(LlamaConfig.read(path).model().bosTokenId()).isEqualTo(3);
    assertThat(LlamaConfig.read(path).model().eosTokenIds()).containsExactly(5, 6);
    GenerationConfig read = GenerationConfig.read(folder).orElseThrow();
    assertThat(read.temperature()).hasValue(0.6);
    assertThat(read.topP()).hasValue(0.9);
    assertThat(read.topK()).isEqualTo(OptionalInt.empty());
    Files.writeString(generation, "{\"eos_token_id\":512}");
    assertThatThrownBy(() -> LlamaConfig.read(path))
        .hasMessageContaining("generation_config.json: eos_token_id must be from 0 to 511");
  }

  @Test
  void keepsTheWholeJsonUnchangeable() {
    ObjectNode config = json(SMALL).put("something_else", "kept");
    LlamaConfig parsed = LlamaConfig.parse(config, "config.json");
    config.removeAll();
    parsed.model().raw().removeAll();
    assertThat(parsed.model().raw()).isEqualTo(json(SMALL).put("something_else", "kept"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"hidden_size\":1 | not valid JSON",
        "[] | does not hold a JSON object",
        "{} {} | not valid JSON",
        "{\"a\":1,\"a\":2} | Duplicate",
      })
  void namesAFileThatIsNoJsonObject(String text, String message) throws IOException {
    Path path = Files.writeString(folder.resolve("config.json"), text);
    assertThatThrownBy(() -> LlamaConfig.read(path))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(message);
  }

  @Test
  void namesAMissingFile() {
    Path path = folder.resolve("config.json");
    assertThatThrownBy(() -> LlamaConfig.read(path))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("cannot read %s: it does not exist; check".formatted(path));
  }
}
