package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.SharedTexts;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.family.Architectures;
import io.karipap.network.quantize.QuantizationScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UniformAllocatorTest {

  private static Architecture tiny1m() {
    return Architectures.standard().read(SharedTexts.TINY1M.resolve("config.json"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 0.9, 1})
  void theTargetIsMetFromBelow(double target) {
    Architecture architecture = tiny1m();
    Plan plan = UniformAllocator.plan(architecture, target, FactorizationKind.RING);
    long vectors = architecture.vectors().stream().mapToLong(VectorSpec::size).sum();
    long after = vectors + plan.matrices().stream().mapToLong(Plan.Entry::budget).sum();
    assertThat(after / 935040.0).isLessThanOrEqualTo(target).isGreaterThan(0.99 * target);
  }

  @Test
  void budgetsAreTheSameForEveryForm() {
    List<Long> ring = budgets(FactorizationKind.RING);
    assertThat(budgets(FactorizationKind.LOWRANK)).isEqualTo(ring);
    assertThat(budgets(FactorizationKind.AUTO)).isEqualTo(ring);
  }

  private static List<Long> budgets(FactorizationKind form) {
    return UniformAllocator.plan(tiny1m(), 0.3, form).matrices().stream()
        .map(Plan.Entry::budget)
        .toList();
  }

  @Test
  void aPlanIsReadBackAsItWasWritten(@TempDir Path folder) throws IOException {
    Plan plan = UniformAllocator.plan(tiny1m(), 0.4, FactorizationKind.AUTO);
    Path file = Files.writeString(folder.resolve("plan.yaml"), plan.toYaml());
    assertThat(Plan.read(file)).isEqualTo(plan);
    assertThat(plan.matrices().stream().map(Plan.Entry::name))
        .containsExactlyElementsOf(tiny1m().matrices().stream().map(MatrixSpec::name).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[1, 2]",
        "parameters: 0.4",
        "parameters: much\nmatrices: []",
        "parameters: 0.4\nmatrices:\n- {name: a, form: blob, budget: 3}",
        "parameters: 0.4\nmatrices:\n- {name: a, form: ring, budget: 3, extra: 1}",
        "parameters: 0.4\nmatrices:\n- {form: ring, budget: 3}",
        "parameters: 0.4\nmatrices:\n- {name: a, form: ring, budget: 3, numbers: int9/64}",
        "parameters: 0.4\nmatrices:\n- {name: a, form: ring, budget: 3, numbers: int4}",
        "parameters: [\n"
      })
  void whatIsNotAPlanIsRefusedInOneLine(String text, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("plan.yaml"), text);
    assertThatThrownBy(() -> Plan.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("plan.yaml");
  }

  @Test
  void numbersAreFloat32UnlessAPlanSaysOtherwise(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("plan.yaml"),
            """
            parameters: 0.4
            matrices:
            - {name: a, form: ring, budget: 3}
            - {name: b, form: dense, budget: 9, numbers: uint3/32}
            """);
    List<Plan.Entry> entries = Plan.read(file).matrices();
    assertThat(entries.get(0).coding()).isEmpty();
    assertThat(entries.get(1).coding())
        .contains(QuantizationSpec.of(QuantizationScheme.of("uint3", 32)));
  }
}
