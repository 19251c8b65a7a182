package io.karipap.checkpoint.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.form.CellShape.BondMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormSpecTest {

  private static final String NAME = "model.layers.5.mlp.up_proj";

  private static List<FormSpec> forms() {
    Lattice ring =
        new Lattice(
            2, 2, List.of(2, 3, 3, 1), List.of(2, 1, 1, 5), List.of(2, 3), List.of(4, 1), 18, 10);
    FormSpec codes =
        new QuantizedForm(
            new DenseForm(18, 10), NumberFormat.of("uint3"), List.of(GroupLayout.of(4, 18, 10)));
    FormSpec pair =
        new QuantizedForm(
            new LowRankForm(18, 10, 3),
            NumberFormat.of("ternary"),
            List.of(GroupLayout.of(8, 18, 3), GroupLayout.of(8, 3, 10)));
    return List.of(
        new DenseForm(18, 10),
        new LowRankForm(18, 10, 3),
        new BlockTensorTrainForm(new BlockShape(3, 6, 5, 2, 2, 18, 10)),
        new LatticeForm(ring),
        new CellForm(CellShape.pair(18, 10, 4, true, false, BondMatrix.DIAGONAL), 2),
        new CellForm(CellShape.translationInvariant(ring), 0),
        new SparseForm(18, 10, 7),
        codes,
        pair,
        new EntropyCodedForm(new DenseForm(18, 10), List.of(77)),
        new EntropyCodedForm(new LatticeForm(ring), List.of(20, 30, 40, 50)),
        new SumForm(codes, new LowRankForm(18, 10, 3)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void whatIsPrintedIsReadBack(FormSpec form) {
    assertThat(FormSpec.isLabel(form.label())).isTrue();
    assertThat(FormSpec.of(form.label(), 18, 10, form.integers())).isEqualTo(form);
  }

  /** Random integers for the manifest's: a clear refusal, or a form that prints them again. */
  @ParameterizedTest
  @MethodSource("forms")
  void integersMatterOrAreRefused(FormSpec form) {
    int[] values = {Integer.MIN_VALUE, -1, 0, 1, 2, 3, 5, 18, 46341, Integer.MAX_VALUE};
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      Map<String, List<Integer>> changed = new TreeMap<>();
      form.integers()
          .forEach((key, list) -> {
            List<Integer> copy = new ArrayList<>(list);
            if (!copy.isEmpty() && random.nextInt(3) == 0) {
              copy.set(random.nextInt(copy.size()), values[random.nextInt(values.length)]);
            }
            if (!copy.isEmpty() && random.nextInt(10) == 0) {
              copy.removeLast();
            }
            changed.put(key, copy);
          });
      try {
        assertThat(FormSpec.of(form.label(), 18, 10, changed).integers())
            .containsAllEntriesOf(changed);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense:int1",
        "dense:int4:int4",
        "sparse:int4",
        "cell:int4",
        "dense+",
        "pepo:x",
        "+",
        ":int4",
        "dense+dense+dense",
        "",
        "dense:",
        "Dense"
      })
  void otherLabelsAreRefused(String label) {
    assertThat(FormSpec.isLabel(label)).isFalse();
    assertThatThrownBy(() -> FormSpec.of(label, 18, 10, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + label + "'")
        .hasMessageContaining("lowrank");
  }

  @Test
  void tensorsNumbersAndBytesAreThoseCountedByHand() {
    // 7 rows of 10 numbers, groups of 4: three a row
    FormSpec codes =
        new QuantizedForm(
            new DenseForm(7, 10), NumberFormat.of("uint3"), List.of(GroupLayout.of(4, 7, 10)));
    assertThat(codes.tensors("a"))
        .containsExactly(
            new StoredTensor("a.weight.codes", List.of(27L), StoredTensor.Content.BYTES, 70),
            new StoredTensor("a.weight.zeros", List.of(8L), StoredTensor.Content.BYTES, 21),
            new StoredTensor("a.weight.scales", List.of(7L, 3L), StoredTensor.Content.SCALES, 21));
    assertThat(codes.parameters()).isEqualTo(70 + 21 + 21);
    assertThat(codes.bytes()).isEqualTo(27 + 8 + 2 * 21);
    FormSpec sum = new SumForm(codes, new LowRankForm(7, 10, 2));
    assertThat(sum.label()).isEqualTo("dense:uint3+lowrank");
    assertThat(sum.bytes()).isEqualTo(codes.bytes() + 4 * 2 * 17);
    assertThat(sum.tensors("a").stream().map(StoredTensor::name))
        .containsExactly(
            "a.base.weight.codes",
            "a.base.weight.zeros",
            "a.base.weight.scales",
            "a.correction.core.0",
            "a.correction.core.1");
    assertThat(new SparseForm(7, 11, 5).bytes()).isEqualTo(10 + 4 * 5);
  }

  @Test
  void whatACellSharesLiesUnderItsFirstMatrix() {
    CellForm third = new CellForm(CellShape.pair(18, 10, 4, true, false, BondMatrix.FULL), 2);
    assertThat(third.tensors(NAME).stream().map(StoredTensor::name))
        .containsExactly("model.layers.3.mlp.up_proj.shared.0", NAME + ".core.1", NAME + ".core.2");
    assertThat(third.stored(NAME).stream().map(StoredTensor::name))
        .containsExactly(NAME + ".core.1", NAME + ".core.2");
    assertThat(third.parameters()).isEqualTo(4 * 10 + 4 * 4);
    assertThatThrownBy(() -> third.tensors("model.layers.1.mlp.up_proj"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model.layers.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4/64", "lloyd2/128+rank8:int6/64", "ternary/1+rank1:uint8/9999"})
  void labelsOfPlansAreReadBack(String label) {
    assertThat(QuantizationLabel.of(label)).hasToString(label);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "int4",
        "int4/0",
        "int4/64+rank0:int4/64",
        "int4/64+rank2",
        "x/64",
        "int4/64 "
      })
  void otherLabelsOfPlansAreRefused(String label) {
    assertThatThrownBy(() -> QuantizationLabel.of(label))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("number format");
  }

  @ParameterizedTest
  @ValueSource(strings = {"int2", "uint2", "int4", "int8", "apot5", "lloyd3", "ternary"})
  void bitsPerNumberAreThoseOfManyCodes(String label) {
    ScalarFormat format = ScalarFormat.of(label);
    assertThat(format.bitsPerNumber()).isEqualTo(format.width().bytes(8000) * 8 / 8000.0);
  }
}
