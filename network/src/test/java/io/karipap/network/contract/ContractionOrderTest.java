package io.karipap.network.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContractionOrderTest extends NetworkTest {

  /** Legs of tensors, legs of the result, sizes. */
  private record Case(List<List<Integer>> operands, List<Integer> result, List<Integer> sizes) {}

  /** A random connected network with some open legs and some that three tensors share. */
  private static Case random(int tensors, long seed) {
    Random random = new Random(seed);
    List<Set<Integer>> legs = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    List<Integer> result = new ArrayList<>();
    for (int tensor = 0; tensor < tensors; tensor++) {
      legs.add(new HashSet<>());
    }
    for (int tensor = 1; tensor < tensors; tensor++) {
      int leg = sizes.size();
      sizes.add(2 + random.nextInt(3));
      legs.get(tensor).add(leg);
      legs.get(random.nextInt(tensor)).add(leg);
    }
    for (int extra = 0; extra < tensors; extra++) {
      int leg = sizes.size();
      sizes.add(2 + random.nextInt(3));
      legs.get(random.nextInt(tensors)).add(leg);
      legs.get(random.nextInt(tensors)).add(leg);
      if (random.nextInt(2) == 0) {
        result.add(leg);
      }
    }
    return new Case(legs.stream().map(List::copyOf).toList(), result, sizes);
  }

  private static String letters(List<Integer> legs) {
    StringBuilder text = new StringBuilder();
    legs.forEach(leg -> text.append((char) ('a' + leg)));
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void contractsToWhatOneEinsumOverAllTensorsGives(long seed) {
    Case network = random(5, seed);
    List<Tensor> tensors = new ArrayList<>();
    List<String> terms = new ArrayList<>();
    for (List<Integer> legs : network.operands()) {
      long[] shape = legs.stream().mapToLong(network.sizes()::get).toArray();
      tensors.add(normal(seed + tensors.size(), shape));
      terms.add(letters(legs));
    }
    Tensor expected =
        Tensor.einsum(
            String.join(",", terms) + "->" + letters(network.result()),
            tensors.toArray(Tensor[]::new));

    Tensor actual =
        ContractionOrder.of(network.operands(), network.result(), network.sizes())
            .contract(tensors);

    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(distance(actual, expected)).isLessThan(1e-12);
  }

  /** The cheapest of all pairwise orders, by trying them all. */
  private static double exhaustive(
      List<Set<Integer>> parts, Set<Integer> result, List<Integer> sizes) {
    if (parts.size() == 1) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int a = 0; a < parts.size(); a++) {
      for (int b = a + 1; b < parts.size(); b++) {
        List<Set<Integer>> rest = new ArrayList<>(parts);
        rest.remove(b);
        rest.remove(a);
        Set<Integer> needed = new HashSet<>(result);
        rest.forEach(needed::addAll);
        Set<Integer> joined = new HashSet<>(parts.get(a));
        joined.addAll(parts.get(b));
        double cost = joined.stream().mapToDouble(sizes::get).reduce(1, (x, y) -> x * y);
        joined.retainAll(needed);
        rest.add(joined);
        best = Math.min(best, cost + exhaustive(rest, result, sizes));
      }
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void isAsCheapAsTheBestOfAllOrders(long seed) {
    Case network = random(6, seed);
    List<Set<Integer>> parts = new ArrayList<>();
    network.operands().forEach(legs -> parts.add(Set.copyOf(legs)));

    ContractionOrder order =
        ContractionOrder.of(network.operands(), network.result(), network.sizes());

    double expected = exhaustive(parts, Set.copyOf(network.result()), network.sizes());
    assertThat(order.multiplications()).isCloseTo(expected, within(1e-9 * expected));
  }

  @Test
  void contractsLargeNetworksGreedily() {
    // a chain of 15 matrices, over the limit of the exact search
    int count = ContractionOrder.EXACT_LIMIT + 3;
    List<List<Integer>> legs = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>(List.of(2));
    for (int k = 0; k < count; k++) {
      sizes.add(2 + k % 3);
      legs.add(List.of(k, k + 1));
      tensors.add(normal(k, sizes.get(k), sizes.get(k + 1)));
    }
    Tensor expected = tensors.stream().reduce(Tensor::matmul).orElseThrow();

    Tensor actual = ContractionOrder.of(legs, List.of(0, count), sizes).contract(tensors);

    assertThat(distance(actual, expected)).isLessThan(1e-12);
  }

  @Test
  void refusesANetworkWithoutTensors() {
    assertThatThrownBy(() -> ContractionOrder.of(List.of(), List.of(), List.of()))
        .hasMessageContaining("no contraction");
  }
}
