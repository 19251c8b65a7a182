package io.karipap.network.rg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.NetworkTest;
import io.karipap.tensor.DType;
import io.karipap.tensor.Linalg;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SplitTest extends NetworkTest {

  private static Tensor random(long seed, long... shape) {
    return new RandomTensors(seed).normal(DType.F64, shape);
  }

  @Test
  void putsTheTensorBackTogether() {
    Tensor t = random(1, 2, 3, 4, 5);
    Split split = Split.of(t, "lurd -> ld|ur", TruncationRule.none());

    assertThat(split.u().shape()).containsExactly(2, 5, 10);
    assertThat(split.v().shape()).containsExactly(10, 3, 4);
    Tensor halves = Tensor.einsum("ldk,kur->lurd", split.left(), split.right());
    assertThat(distance(halves, t)).isLessThan(1e-13);
    Tensor uneven = Tensor.einsum("ldk,kur->lurd", split.left(1.5), split.right(-0.5));
    assertThat(distance(uneven, t)).isLessThan(1e-12);
  }

  @Test
  void discardsWhatItSays() {
    Tensor t = random(2, 6, 2, 5, 2);
    Split split = Split.of(t, "abcd -> ab|cd", new TruncationRule(7, 1e-3));
    Tensor halves = Tensor.einsum("abk,kcd->abcd", split.left(), split.right());

    double expected = Math.pow(t.sub(halves).norm().item() / t.norm().item(), 2);
    assertThat(split.s().size(0)).isEqualTo(7);
    assertThat(split.discardedWeight()).isCloseTo(expected, within(1e-13));
  }

  @Test
  void keepsNoMoreThanTheWeightAsksFor() {
    Tensor diagonal =
        Tensor.of(new double[] {10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.1, 0, 0, 0, 0, 0}, 4, 4);

    assertThat(bond(diagonal, TruncationRule.none())).isEqualTo(3);
    assertThat(bond(diagonal, TruncationRule.toWeight(1e-3))).isEqualTo(2);
    assertThat(bond(diagonal, TruncationRule.toWeight(0.02))).isEqualTo(1);
    assertThat(bond(diagonal, new TruncationRule(2, 1e-9))).isEqualTo(2);
  }

  private static int bond(Tensor matrix, TruncationRule truncation) {
    return Split.of(matrix, "ab -> a|b", truncation).s().size(0);
  }

  /** A spectrum that falls as slowly as those of critical systems, s_i = i^-2. */
  @Test
  void randomisedFactorsAreThoseOfTheWholeSvd() {
    int n = 160;
    double[] decay = new double[n];
    for (int i = 0; i < n; i++) {
      decay[i] = Math.pow(i + 1, -2);
    }
    Tensor u = Linalg.qr(random(3, n, n)).q();
    Tensor v = Linalg.qr(random(4, n, n)).q();
    Tensor s = Tensor.of(decay, n);
    Tensor a = u.mul(s).matmul(v.transpose());
    int rank = 16;
    Linalg.Svd few = RandomizedSvd.of(a, rank);

    double[] found = few.s().toDoubles();
    for (int i = 0; i < rank; i++) {
      assertThat(found[i]).isCloseTo(decay[i], within(1e-4 * decay[i]));
    }
    Tensor kept = few.u().narrow(1, 0, rank).mul(few.s().narrow(0, 0, rank));
    double error = a.sub(kept.matmul(few.vh().narrow(0, 0, rank))).norm().item();
    double least = s.narrow(0, rank, n - rank).norm().item();
    assertThat(error).isCloseTo(least, within(1e-4 * least));
  }

  @Test
  void refusesPatternsThatDoNotFit() {
    Tensor t = random(5, 2, 2, 2);

    for (String pattern : new String[] {"abc -> abc", "abc -> ab|d", "ab -> a|b", "abc -> ab|cc"}) {
      assertThatThrownBy(() -> Split.of(t, pattern, TruncationRule.none()))
          .hasMessageContaining("does not split a tensor of 3 legs");
    }
    assertThatThrownBy(() -> TruncationRule.toBond(0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> TruncationRule.toWeight(1)).hasMessageContaining("below 1");
  }
}
