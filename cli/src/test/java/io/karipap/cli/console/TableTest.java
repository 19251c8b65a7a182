package io.karipap.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {

  @Test
  void textStandsToTheLeftAndNumbersToTheRight() {
    Table table = new Table(List.of("matrix", "form", "error"));
    table.row("q_proj", "lowrank", "0.5").row("k", "ring", "12.25").row("v", "", "-");
    assertThat(table.lines())
        .containsExactly(
            "matrix  form     error", //
            "q_proj  lowrank    0.5",
            "k       ring     12.25",
            "v                    -");
  }

  @Test
  void aRowHasAsManyCellsAsThereAreTitles() {
    assertThatThrownBy(() -> new Table(List.of("a", "b")).row("c"))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0 kB",
    "999949, 999.9 kB",
    "1000000, 1.00 MB",
    "999994999, 999.99 MB",
    "1000000000, 1.00 GB"
  })
  void bytesTakeTheLargestUnitThatFits(long bytes, String text) {
    assertThat(Table.bytes(bytes)).isEqualTo(text);
  }

  @Test
  void numbersLookTheSameInEveryLocale() {
    assertThat(Table.count(1_234_567)).isEqualTo("1,234,567");
    assertThat(Table.percent(0.0726)).isEqualTo("7.3 %");
    assertThat(Table.decimals(-2.5, 2)).isEqualTo("-2.50");
  }
}
