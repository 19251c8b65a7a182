package io.karipap.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.karipap.checkpoint.form.Lattice;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatticeTest {

  private static final Lattice GRID =
      new Lattice(
          2,
          3,
          List.of(2, 2, 2, 2, 2, 2),
          List.of(3, 3, 3, 3, 3, 3),
          List.of(4, 5, 6, 7),
          List.of(8, 9, 10),
          60,
          700);

  @Test
  void shapesASiteByOutputInputLeftUpRightDown() {
    assertThat(GRID.shape(0)).containsExactly(2, 3, 4, 8); // right, down
    assertThat(GRID.shape(1)).containsExactly(2, 3, 4, 5, 9); // left, right, down
    assertThat(GRID.shape(4)).containsExactly(2, 3, 6, 9, 7); // left, up, right
    assertThat(GRID.shape(5)).containsExactly(2, 3, 7, 10); // left, up
  }

  @Test
  void countsParameters() {
    long expected = 6L * (4 * 8 + 4 * 5 * 9 + 5 * 10 + 6 * 8 + 6 * 9 * 7 + 7 * 10);
    assertThat(GRID.parameters()).isEqualTo(expected);
  }

  @Test
  void refusesPartsThatDoNotFit() {
    List<Integer> two = List.of(2, 2);
    assertThatThrownBy(() -> new Lattice(1, 2, two, two, List.of(), List.of(), 4, 4))
        .hasMessageContaining("needs 1 horizontal bonds, but has 0");
    assertThatThrownBy(() -> new Lattice(1, 2, two, two, List.of(0), List.of(), 4, 4))
        .hasMessageContaining("must be positive");
    assertThatThrownBy(() -> new Lattice(1, 2, two, two, List.of(1), List.of(), 5, 4))
        .hasMessageContaining("matrix dimension of 5");
    assertThatThrownBy(() -> new Lattice(0, 2, two, two, List.of(1), List.of(), 4, 4))
        .hasMessageContaining("at least one row");
  }
}
