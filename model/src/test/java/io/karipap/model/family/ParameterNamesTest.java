package io.karipap.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.model.TinyModel;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import io.karipap.testing.SharedFiles;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link MatrixSpec} and {@link VectorSpec} against the files of real models. */
class ParameterNamesTest {

  // the first is published; the others are embeddings + layers * (attention + MLP + two norms) +
  // last norm:
  // 512 * 64 + 5 * (64 * (64 + 32 + 32 + 64) + 3 * 64 * 172 + 2 * 64) + 64 and
  // 2048 * 128 + 2 * (128 * (128 + 64 + 64 + 128) + 3 * 128 * 384 + 2 * 128) + 128
  @ParameterizedTest
  @CsvSource({"tiny1m, 935040", "stories260K, 260032", "tinystories656K, 656000"})
  void namesAndShapesAreThoseOfTheFile(String model, long parameters) {
    Architecture architecture =
        Architectures.standard().read(SharedFiles.model(model).resolve("config.json"));
    Set<String> named = new TreeSet<>();
    long elements = 0;
    try (var store = TensorStore.open(SharedFiles.model(model))) {
      for (MatrixSpec matrix : architecture.matrices()) {
        String name = matrix.name() + ".weight";
        // the tied embeddings of this file are stored as its head
        String stored = store.contains(name) ? name : "lm_head.weight";
        assertThat(store.info(stored).shape())
            .as(name)
            .containsExactly((long) matrix.rows(), (long) matrix.columns());
        elements += matrix.elements();
        named.add(stored);
      }
      for (VectorSpec vector : architecture.vectors()) {
        assertThat(store.info(vector.name()).shape())
            .as(vector.name())
            .containsExactly((long) vector.size());
        elements += vector.size();
        named.add(vector.name());
      }
      assertThat(named).isEqualTo(new TreeSet<>(store.names()));
    }
    assertThat(elements).isEqualTo(parameters);
  }

  @Test
  void biasesAreThoseThatTheArchitectureHas() {
    assertThat(biases("{}")).isEmpty();
    assertThat(biases("{'architectures': ['Qwen2ForCausalLM'], 'num_hidden_layers': 1}"))
        .containsExactlyInAnyOrder(
            "model.layers.0.self_attn.q_proj.bias",
            "model.layers.0.self_attn.k_proj.bias",
            "model.layers.0.self_attn.v_proj.bias");
    assertThat(biases("{'attention_bias': true, 'mlp_bias': true}")).hasSize(14);
  }

  @Test
  void biasesAreAsLongAsTheirMatrixHasRows() {
    Architecture architecture =
        TinyModel.architecture(
            "{'attention_bias': true, 'head_dim': 10, 'num_key_value_heads': 1}");
    assertThat(architecture.vectors())
        .contains(
            VectorSpec.bias("model.layers.1.self_attn.q_proj.bias", 20),
            VectorSpec.bias("model.layers.1.self_attn.k_proj.bias", 10),
            VectorSpec.bias("model.layers.1.self_attn.o_proj.bias", 12));
  }

  @Test
  void matricesKnowTheirPlace() {
    Architecture architecture = TinyModel.architecture("{'num_hidden_layers': 3}");
    assertThat(architecture.matrices()).hasSize(3 * 7 + 2);
    assertThat(architecture.matrices().stream().filter(MatrixSpec::writesResidual))
        .hasSize(6)
        .allMatch(m -> m.rows() == 12 && m.inBlock());
    assertThat(architecture.matrices().stream().filter(m -> !m.inBlock()).map(MatrixSpec::name))
        .containsExactly(TinyModel.EMBEDDINGS, TinyModel.HEAD);
    assertThat(TinyModel.architecture("{'tie_word_embeddings': true}").matrices())
        .noneMatch(m -> m.name().equals(TinyModel.HEAD));
  }

  private static Set<String> biases(String overrides) {
    Set<String> names = new TreeSet<>();
    TinyModel.architecture(overrides).vectors().stream()
        .filter(v -> !v.isGain())
        .forEach(v -> names.add(v.name()));
    return names;
  }
}
