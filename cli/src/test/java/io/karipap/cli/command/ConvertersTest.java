package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Values of options, worked out by hand. */
class ConvertersTest {

  @ParameterizedTest
  @CsvSource({
    "5000, 5000",
    "1.5kB, 1500",
    "1.5KB, 1500",
    "40MB, 40000000",
    "40 MB, 40000000",
    "12MiB, 12582912",
    "2G, 2000000000",
    "1Tib, 1099511627776"
  })
  void sizesAreDecimalUnlessTheUnitHasAnI(String text, long bytes) {
    assertThat(new Converters.ToBytes().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MB", "-1MB", "1e6", "4 megabytes", "0", "0.5", "9999999999TB"})
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> new Converters.ToBytes().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void aTextMayHaveAWeight() {
    assertThat(WeightedText.of("a.txt"))
        .isEqualTo(new WeightedText(Path.of("a.txt"), OptionalDouble.empty()));
    assertThat(WeightedText.of("a=b.txt=2.5e-1"))
        .isEqualTo(new WeightedText(Path.of("a=b.txt"), OptionalDouble.of(0.25)));
    assertThat(WeightedText.of("a=b.txt"))
        .isEqualTo(new WeightedText(Path.of("a=b.txt"), OptionalDouble.empty()));
    assertThatThrownBy(() -> new WeightedText.Converter().convert("a.txt=0"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("above 0");
    assertThatThrownBy(() -> new WeightedText.Converter().convert("a.txt=1e999"))
        .isInstanceOf(TypeConversionException.class);
  }
}
