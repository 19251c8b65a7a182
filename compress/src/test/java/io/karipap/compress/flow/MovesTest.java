package io.karipap.compress.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.karipap.network.LowRank;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moves down three paths, bounds on them, and what is filled up afterwards. */
class MovesTest {

  /** Three matrices of 64 numbers, and 20 other numbers. */
  private static final long ORIGINAL = 3 * 64 + 20;

  @TempDir Path folder;

  private final TensorOwner owner = new TensorOwner();
  private TensorScope scope;
  private List<TruncationPath> paths;

  @BeforeEach
  void walkDown() {
    scope = new TensorScope();
    paths = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Tensor w = Paths.decaying(10 + i);
      paths.add(Paths.ofPairs("m" + i, w, 1 + 0.7 * i, folder, owner));
      paths.getLast().advance(Double.POSITIVE_INFINITY);
    }
  }

  @AfterEach
  void close() {
    scope.close();
    owner.close();
  }

  private Moves moves() {
    return Moves.of(paths, ORIGINAL);
  }

  @Test
  void comeByPriceAndInTheOrderOfTheirPaths() {
    Moves moves = moves();
    assertThat(moves.moves()).extracting(Moves.Move::price).isSorted();
    for (TruncationPath path : paths) {
      assertThat(moves.moves().stream().filter(m -> m.path() == path).map(Moves.Move::step))
          .isSorted()
          .hasSize(path.points().size() - 1);
    }
  }

  @Test
  void aModelAfterMovesHasTheirParametersAndLosses() {
    Moves moves = moves();
    for (int count = 0; count <= moves.count(); count++) {
      PathSelection selection = moves.first(count).selection();
      long parameters =
          20 + selection.factorizations().values().stream().mapToLong(f -> f.parameters()).sum();
      assertThat(selection.parameters()).isEqualTo(parameters);
      if (count > 0) {
        AllocationTraceStep.last(moves.first(count), selection);
      }
    }
  }

  /** The trace's last line says what the selection says. */
  private static final class AllocationTraceStep {
    static void last(Moves moves, PathSelection selection) {
      var step = moves.steps().getLast();
      assertThat(step.modelParameters()).isEqualTo(selection.parameters());
      assertThat(step.estimatedLoss()).isCloseTo(selection.loss(), within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {212, 211, 150, 120, 90, 68})
  void asFewAsPossibleKeepToABudget(long budget) {
    Moves kept = moves().within(budget);
    assertThat(kept.selection().parameters()).isLessThanOrEqualTo(budget);
    if (kept.count() > 0) {
      assertThat(kept.first(kept.count() - 1).selection().parameters()).isGreaterThan(budget);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-3, 0.01, 0.1, 0.3, 0.5})
  void bisectionFindsTheLastModelWithinABound(double most) {
    Moves moves = moves();
    // the estimate itself stands for the measurement: it grows from move to move
    DivergenceBound bound = new DivergenceBound(PathSelection::loss, most);
    int last = 0;
    while (last < moves.count() && moves.first(last + 1).selection().loss() <= most) {
      last++;
    }
    if (last < moves.count()) {
      assertThat(bound.isExceeded(moves)).isTrue();
      assertThat(bound.bisected(moves).count()).isEqualTo(last);
      assertThat(bound.measured()).hasSizeLessThanOrEqualTo(2 + log2(moves.count()));
    } else {
      assertThat(bound.isExceeded(moves)).isFalse();
    }
  }

  private static int log2(int n) {
    return 32 - Integer.numberOfLeadingZeros(n);
  }

  @ParameterizedTest
  @ValueSource(longs = {68, 90, 100, 120, 150})
  void aFillIsTheBestOfAllRanks(long budget) {
    PathSelection smallest = moves().selection();
    assertThat(smallest.points().values()).allMatch(p -> p.factorization() instanceof LowRank);
    PathSelection filled = RankFill.fill(smallest, budget);
    assertThat(filled.parameters()).isLessThanOrEqualTo(budget);
    double best = Double.POSITIVE_INFINITY;
    for (int a = 1; a <= 3; a++) {
      for (int b = 1; b <= 3; b++) {
        for (int c = 1; c <= 3; c++) {
          if (20 + 16L * (a + b + c) <= budget) {
            double loss =
                paths.get(0).rank(a).loss()
                    + paths.get(1).rank(b).loss()
                    + paths.get(2).rank(c).loss();
            best = Math.min(best, loss);
          }
        }
      }
    }
    assertThat(filled.loss()).isCloseTo(best, within(1e-12));
  }
}
