package io.karipap.bench.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.karipap.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablePlotTest {

  private static final RowMetrics PAIR =
      Rows.row(
          "low rank 30 %, healed, 8 bit", Method.LOW_RANK_CODED, true, 300, 600, 0.1, 0.3, 0.4);

  @TempDir Path folder;

  @Test
  void aPrintedTableIsReadBack() {
    String printed = new PaperTable("t", List.of(Rows.ORIGINAL, PAIR)).markdown();
    List<RowMetrics> rows = PredictionTable.read(printed);
    assertThat(rows)
        .extracting(RowMetrics::label)
        .containsExactly("original", "low rank 30 %, healed, 8 bit");
    RowMetrics row = rows.getLast();
    assertThat(row.method()).isEqualTo(Method.LOW_RANK_CODED);
    assertThat(row.healed()).isTrue();
    assertThat(row.bytes()).isEqualTo(600);
    assertThat(row.parameters()).isEqualTo(300);
    RowMetrics.TextFigures text = row.texts().getFirst();
    assertThat(text.name()).isEqualTo("stories");
    assertThat(text.tokens()).isEqualTo(200);
    assertThat(text.kl().value()).isEqualTo(0.2);
    assertThat(text.top1().value()).isCloseTo(0.4, within(1e-12));
    assertThat(text.agreement().value()).isCloseTo(0.5, within(1e-12));
    assertThat(text.loss().value()).isCloseTo(2.5, within(1e-4));
    assertThat(text.bytes()).isEqualTo(400);
  }

  /** Every row that the benchmark can make has a label that says its method. */
  @Test
  void labelsSayTheMethod() {
    List<Row> rows = Row.all(List.of(0.2, 0.3), List.of(0.07), true);
    assertThat(rows)
        .allSatisfy(row -> {
          assertThat(Method.ofLabel(row.label())).isEqualTo(row.method());
          assertThat(row.label().contains(", healed")).isEqualTo(row.recipe().healed());
        });
    assertThatThrownBy(() -> Method.ofLabel("magic")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thePictureInTheDocsIsThatOfTheTableInTheDocs() throws Exception {
    Path docs = Path.of(Files.isDirectory(Path.of("docs")) ? "docs" : "../docs");
    assertThat(Files.readString(docs.resolve("pareto.svg")))
        .isEqualTo(TablePlot.svg(docs.resolve("paper.md")));
  }

  @Test
  void aPageWithoutATableIsNamed() throws Exception {
    Path page = Files.writeString(folder.resolve("page.md"), "no table\n");
    assertThatThrownBy(() -> TablePlot.svg(page))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("page.md")
        .hasMessageContaining("no table");
  }
}
