package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.karipap.cli.Call;
import io.karipap.testing.SharedFiles;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The parameters of a published model, counted by hand from its configuration. */
class InspectCommandTest {

  @Test
  void parametersAddUp() {
    JsonNode json = Call.of("inspect", SharedFiles.path("models/tiny1m"), "--json").json();
    assertThat(json.path("architecture").asText()).isEqualTo("LlamaForCausalLM");
    assertThat(json.path("layers").asInt()).isEqualTo(4);
    assertThat(json.path("parameters").asLong()).isEqualTo(935_040);
    assertThat(json.path("bytes").asLong()).isEqualTo(4 * 935_040);
    assertThat(sum(json, "parameters")).isEqualTo(935_040);
    assertThat(sum(json, "bytes")).isEqualTo(4 * 935_040);
    JsonNode gate = family(json, "gate_proj");
    assertThat(gate.path("matrices").asInt()).isEqualTo(4);
    assertThat(gate.path("parameters").asLong()).isEqualTo(4 * 352 * 128);
    assertThat(gate.path("shape").asText()).isEqualTo("352 x 128");
    assertThat(gate.path("forms").path("dense").asInt()).isEqualTo(4);
  }

  @Test
  void tiedEmbeddingsStoredAsTheHeadAreFound() {
    JsonNode json = Call.of("inspect", SharedFiles.path("models/tinystories656K"), "--json").json();
    assertThat(family(json, "embed_tokens").path("parameters").asLong()).isEqualTo(2048 * 128);
  }

  private static long sum(JsonNode json, String field) {
    return StreamSupport.stream(json.path("families").spliterator(), false)
        .mapToLong(family -> family.path(field).asLong())
        .sum();
  }

  private static JsonNode family(JsonNode json, String name) {
    return StreamSupport.stream(json.path("families").spliterator(), false)
        .filter(family -> family.path("family").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
