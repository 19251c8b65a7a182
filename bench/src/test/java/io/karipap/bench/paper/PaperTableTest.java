package io.karipap.bench.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperTableTest {

  private static final RowMetrics PAIR =
      Rows.row("low rank <30 %>", Method.LOW_RANK, true, 300, 600, 0.1, 0.3, 0.4);
  private static final List<RowMetrics> ROWS = List.of(Rows.ORIGINAL, PAIR);

  @TempDir Path folder;

  @Test
  void jsonHasTheFiguresAndWhatFollowsFromThem() throws Exception {
    JsonNode row =
        new ObjectMapper()
            .readTree(new PaperTable("t", ROWS).json().toString())
            .path("rows")
            .path(1);
    assertThat(row.path("memory_ratio").doubleValue()).isEqualTo(0.15);
    assertThat(row.path("parameter_ratio").doubleValue()).isEqualTo(0.3);
    assertThat(row.path("training_speedup").doubleValue()).isEqualTo(2);
    assertThat(row.path("prefill_speedup").doubleValue()).isEqualTo(1.5);
    assertThat(row.path("decode_speedup").doubleValue()).isEqualTo(0.5);
    JsonNode text = row.path("texts").path(0);
    assertThat(text.path("tokens").intValue()).isEqualTo(200);
    assertThat(text.path("perplexity").doubleValue()).isCloseTo(Math.exp(2.5), within(1e-12));
    // 2.5 nats a token, 200 tokens, 400 bytes
    assertThat(text.path("bits_per_byte").doubleValue())
        .isCloseTo(2.5 * 200 / 400 / Math.log(2), within(1e-12));
    assertThat(text.path("kl").doubleValue()).isCloseTo(0.2, within(1e-12));
    // of two equal blocks the mean's standard error is half their difference
    assertThat(text.path("kl_stderr").doubleValue()).isCloseTo(0.1, within(1e-12));
    assertThat(text.path("top1_ratio").doubleValue()).isCloseTo(0.8, within(1e-12));
    JsonNode task = row.path("tasks").path(0);
    assertThat(task.path("acc").doubleValue()).isEqualTo(0.5);
    assertThat(task.path("acc_difference").doubleValue()).isEqualTo(-0.5);
    // differences 0, -1, 0, -1: variance 1/3, over four examples
    assertThat(task.path("acc_difference_stderr").doubleValue())
        .isCloseTo(Math.sqrt(1.0 / 12), within(1e-12));
  }

  @Test
  void everyTableHasAllRows() {
    String text = new PaperTable("t", ROWS).markdown();
    assertThat(text.lines().filter(line -> line.startsWith("| low rank <30 %> |"))).hasSize(3);
    assertThat(text)
        .contains("| low rank <30 %> | 600 | 15.0 % | 300 | 30.0 % | 12.182 |")
        .contains("0.2000 ± 0.1000")
        .contains("50.0 ± 28.9 % (-50.0 ± 28.9)");
  }

  @Test
  void theOriginalComesFirst() {
    assertThatThrownBy(() -> new PaperTable("t", List.of(PAIR)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thePlotIsXmlWithAPointForEveryRowInBothPanels() throws Exception {
    byte[] svg = ParetoPlot.svg(ROWS).getBytes(StandardCharsets.UTF_8);
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg));
    var titles = document.getElementsByTagName("title");
    assertThat(titles.getLength()).isEqualTo(1 + 2);
    assertThat(titles.item(1).getTextContent()).isEqualTo("low rank <30 %>: 15.0 %, KL 0.2000");
    assertThat(titles.item(2).getTextContent()).isEqualTo("low rank <30 %>: 30.0 %, KL 0.2000");
  }

  @Test
  void figuresAreReadBackWhileTheyDependOnTheSame() throws Exception {
    RowStore store = new RowStore(folder);
    Row row = new Row("original", Method.ORIGINAL, new Recipe.Original());
    assertThat(store.read(row, "key")).isEmpty();
    store.write(row, "key", PAIR);
    assertThat(store.read(row, "key")).contains(PAIR);
    assertThat(store.read(row, "other key")).isEmpty();
    Path file = folder.resolve("original.json");
    String whole = Files.readString(file);
    Files.writeString(file, whole.substring(0, whole.length() / 2));
    assertThat(store.read(row, "key")).isEmpty();
  }
}
