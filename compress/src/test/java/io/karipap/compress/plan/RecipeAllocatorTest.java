package io.karipap.compress.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.compress.Plan;
import io.karipap.network.quantize.QuantizationScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeAllocatorTest {

  private static final Plan PLAN =
      new Plan(
          0.4,
          List.of(
              new Plan.Entry("a", "ring", 120, "int4/64"),
              new Plan.Entry("b", "dense", 90, "int3/128+rank16:int6/128"),
              new Plan.Entry("c", "lowrank", 33)));

  @TempDir Path folder;

  private RecipeAllocator following(Plan plan, Optional<QuantizationScheme> scheme)
      throws IOException {
    Path file = Files.writeString(folder.resolve("plan.yaml"), plan.toYaml());
    return new RecipeAllocator(file, List.of("a", "b", "c"), scheme);
  }

  @Test
  void thePlanOfTheFileIsRepeatedExactly() throws IOException {
    Allocation allocation = following(PLAN, Optional.empty()).allocate();
    assertThat(allocation.plan()).isEqualTo(PLAN);
    assertThat(allocation.starts()).isEmpty();
    assertThat(allocation.trace()).isEmpty();
  }

  @Test
  void aFormatThatIsAskedForTakesThePlaceOfAll() throws IOException {
    Plan plan = following(PLAN, Optional.of(QuantizationScheme.of("int8", 32))).allocate().plan();
    assertThat(plan.matrices())
        .containsExactly(
            new Plan.Entry("a", "ring", 120, "int8/32"),
            new Plan.Entry("b", "dense", 90, "int8/32"),
            new Plan.Entry("c", "lowrank", 33, "int8/32"));
  }

  /** Another name, one too few, one too many, another order. */
  @ParameterizedTest
  @ValueSource(strings = {"a,b,d", "a,b", "a,b,c,d", "a,c,b", ""})
  void thePlanOfAnotherModelIsRefusedInOneLine(String names) throws IOException {
    List<Plan.Entry> entries =
        names.isEmpty()
            ? List.of()
            : List.of(names.split(",")).stream()
                .map(name -> new Plan.Entry(name, "dense", 90))
                .toList();
    RecipeAllocator other = following(new Plan(1, entries), Optional.empty());
    assertThatThrownBy(other::allocate)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("plan.yaml lists other matrices than the model has")
        .hasMessageNotContaining("\n");
  }

  @Test
  void whatBlocksShareIsNotQuantized() throws IOException {
    Plan cells =
        new Plan(
            0.4,
            List.of(
                new Plan.Entry("a", "cell", 120),
                new Plan.Entry("b", "cell", 120),
                new Plan.Entry("c", "lowrank", 33, "int8/64")));
    RecipeAllocator mixed = following(cells, Optional.empty());
    assertThatThrownBy(mixed::allocate)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has cells and coded numbers")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    RecipeAllocator missing =
        new RecipeAllocator(folder.resolve("none.yaml"), List.of("a"), Optional.empty());
    assertThatThrownBy(missing::allocate)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("none.yaml");
  }
}
