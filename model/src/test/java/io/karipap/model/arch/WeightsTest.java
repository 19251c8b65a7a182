package io.karipap.model.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.model.TinyModel;
import io.karipap.network.Dense;
import io.karipap.network.LowRank;
import io.karipap.network.UnitCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightsTest {

  private static final Architecture ARCHITECTURE =
      TinyModel.architecture("{'attention_bias': true}");

  private static Weights factorized() {
    return TinyModel.factorized(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 1), 2);
  }

  @Test
  void rebuildingContractsNetworksAndKeepsLowRankPairs() {
    try (var _ = new TensorScope()) {
      Weights weights = factorized();
      Weights rebuilt = weights.rebuilt();
      assertThat(rebuilt.matrices().keySet())
          .containsExactlyElementsOf(weights.matrices().keySet());
      assertThat(rebuilt.vectors()).isEqualTo(weights.vectors());
      int pairs = 0;
      for (String name : weights.matrices().keySet()) {
        var before = weights.matrix(name);
        var after = rebuilt.matrix(name);
        if (before instanceof LowRank) {
          assertThat(after).isSameAs(before);
          pairs++;
        } else {
          assertThat(after).isInstanceOf(Dense.class);
          assertThat(after.matrix().toDoubles())
              .containsExactly(before.matrix().toDoubles(), within(1e-13));
        }
      }
      assertThat(pairs).isEqualTo(2);
    }
  }

  @Test
  void replacingMatricesLeavesTheOriginalAndItsOrder() {
    try (var _ = new TensorScope()) {
      Weights weights = TinyModel.weights(ARCHITECTURE, 3);
      String name = "model.layers.1.mlp.up_proj";
      Dense zero = new Dense(Tensor.zeros(DType.F64, 20, 12));
      Dense before = (Dense) weights.matrix(name);
      Weights replaced = weights.with(Map.of(name, zero));
      assertThat(replaced.matrix(name)).isSameAs(zero);
      assertThat(weights.matrix(name)).isSameAs(before);
      assertThat(replaced.matrices().keySet())
          .containsExactlyElementsOf(weights.matrices().keySet());
      assertThat(replaced.vectors()).isEqualTo(weights.vectors());
    }
  }

  @Test
  void mappingSeesEveryStoredTensorOnceInOrder() {
    try (var _ = new TensorScope()) {
      Weights weights = factorized();
      List<Tensor> seen = new ArrayList<>();
      Weights doubled =
          weights.map(t -> {
            seen.add(t);
            return t.mul(2);
          });
      assertThat(seen).containsExactlyElementsOf(weights.tensors());
      List<Tensor> tensors = doubled.tensors();
      for (int i = 0; i < seen.size(); i++) {
        assertThat(tensors.get(i).toDoubles()).containsExactly(seen.get(i).mul(2).toDoubles());
      }
      // four cores, each doubled
      String pepo = "model.layers.0.mlp.up_proj";
      assertThat(doubled.matrix(pepo).matrix().toDoubles())
          .containsExactly(weights.matrix(pepo).matrix().mul(16).toDoubles(), within(1e-12));
    }
  }

  @Test
  void parametersAreTheElementsOfAllCoresAndVectors() {
    try (var _ = new TensorScope()) {
      // block 0: q 12 x 12 and up 20 x 12 as PEPOs, k 12 x 12 and down 12 x 20 as block trains, o
      // 12 x 12 of rank 5;
      // a 2 x 2 PEPO with bonds 2 has 4 o_s i_s numbers a site
      long q = 4 * (2 * 2 + 2 * 1 + 1 * 2 + 3 * 3);
      long up = 4 * (2 * 2 + 2 * 1 + 1 * 2 + 5 * 3);
      // rank 2: m2 n1 r (m1 + n2)
      long k = 4 * 4 * 2 * (3 + 3);
      long down = 4 * 4 * 2 * (3 + 5);
      long o = 5 * (12 + 12);
      long embeddings = 5 * (17 + 12);
      long rest = 12 * 12 + 20 * 12; // v and gate
      long second = 4 * 12 * 12 + 3 * 20 * 12;
      long head = 17 * 12;
      long vectors = 5 * 12 + 2 * 4 * 12; // norms, attention's biases
      assertThat(factorized().parameters())
          .isEqualTo(q + up + k + down + o + embeddings + rest + second + head + vectors);
    }
  }

  @Test
  void whatACellSharesIsOneTensor() {
    try (var _ = new TensorScope()) {
      Weights weights = TinyModel.shared(ARCHITECTURE, TinyModel.weights(ARCHITECTURE, 1), 2);
      Weights dense = TinyModel.weights(ARCHITECTURE, 1);
      // up 20 x 12 of rank 3, twice a lambda; q 12 x 12 as a ring, four lambdas [2, 2] twice
      long up = 3 * (20 + 12) + 2 * 3 * 3;
      long q = 4 * (2 * 2 + 2 * 1 + 1 * 2 + 3 * 3) + 2 * 4 * 2 * 2;
      assertThat(weights.parameters())
          .isEqualTo(dense.parameters() - 2 * (20 * 12 + 12 * 12) + up + q);

      List<Tensor> seen = new ArrayList<>();
      Weights copy =
          weights.map(t -> {
            seen.add(t);
            return t.copy();
          });
      assertThat(seen).doesNotHaveDuplicates().containsExactlyElementsOf(weights.tensors());
      assertThat(copy.parameters()).isEqualTo(weights.parameters());
      for (String name : List.of("mlp.up_proj", "self_attn.q_proj")) {
        UnitCell first = (UnitCell) copy.matrix("model.layers.0." + name);
        UnitCell second = (UnitCell) copy.matrix("model.layers.1." + name);
        assertThat(first.shared().getFirst()).isSameAs(second.shared().getFirst());
        assertThat(first.own().getFirst()).isNotSameAs(second.own().getFirst());
      }
      Weights rebuilt = weights.rebuilt();
      assertThat(rebuilt.matrix("model.layers.1.mlp.up_proj")).isInstanceOf(UnitCell.class);
      assertThat(rebuilt.matrix("model.layers.1.self_attn.q_proj").matrix().toDoubles())
          .containsExactly(
              weights.matrix("model.layers.1.self_attn.q_proj").matrix().toDoubles(),
              within(1e-13));
      assertThat(rebuilt.matrix("model.layers.1.self_attn.q_proj")).isInstanceOf(Dense.class);
    }
  }

  @Test
  void aNameThatIsNotThereIsSaid() {
    Weights none = new Weights(Map.of(), Map.of());
    assertThatThrownBy(() -> none.matrix("lm_head")).hasMessageContaining("lm_head");
    assertThatThrownBy(() -> none.vector("model.norm.weight"))
        .hasMessageContaining("model.norm.weight");
  }
}
