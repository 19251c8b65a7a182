package io.karipap.cli.command;

import static java.util.Locale.ROOT;

import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.HealingMode;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.StorageFormat;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters for the values of options, with error messages of our own. */
final class Converters {

  private Converters() {}

  /** A form by its label. */
  static final class ToForm implements ITypeConverter<FactorizationKind> {
    @Override
    public FactorizationKind convert(String text) {
      return converted(text, FactorizationKind::of);
    }
  }

  /** The label of a number format such as int4. */
  static final class ToFormat implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return converted(
          text,
          label ->
              EntropyCoding.find(label)
                  .map(EntropyCoding::label)
                  .orElseGet(() -> ScalarFormat.of(label).label()));
    }
  }

  /** A number format, or 16 bits. */
  static final class ToNumbers implements ITypeConverter<StorageFormat> {
    @Override
    public StorageFormat convert(String text) {
      return converted(text, StorageFormat::of);
    }
  }

  /** What a healing trains, by its label. */
  static final class ToTrainable implements ITypeConverter<HealingMode> {
    @Override
    public HealingMode convert(String text) {
      return converted(text, HealingMode::of);
    }
  }

  /** A size in bytes such as 40MB, 12MiB or 5000. */
  static final class ToBytes implements ITypeConverter<Long> {
    private static final Pattern SIZE =
        Pattern.compile("([0-9]+(?:[.][0-9]+)?) ?(|[kKMGT]i?)(?:B|b)?");

    @Override
    public Long convert(String text) {
      return converted(text, ToBytes::bytes);
    }

    private static long bytes(String text) {
      Matcher parts = SIZE.matcher(text);
      if (!parts.matches()) {
        throw new IllegalArgumentException("expected a size such as 40MB, 12MiB or 5000 bytes");
      }
      String unit = parts.group(2);
      int power = unit.isEmpty() ? 0 : 1 + "KMGT".indexOf(unit.substring(0, 1).toUpperCase(ROOT));
      double size =
          Double.parseDouble(parts.group(1)) * Math.pow(unit.endsWith("i") ? 1024 : 1000, power);
      if (!(size >= 1 && size < Long.MAX_VALUE / 8.0)) {
        throw new IllegalArgumentException(
            "a size is at least one byte, and not beyond all bounds");
      }
      return (long) size;
    }
  }

  /** A grid such as 2x3. */
  static final class ToGrid implements ITypeConverter<SiteGrid> {
    @Override
    public SiteGrid convert(String text) {
      return converted(text, SiteGrid::of);
    }
  }

  /** Symmetries by their labels, auto or none. */
  static final class ToGauge implements ITypeConverter<GaugeOption> {
    @Override
    public GaugeOption convert(String text) {
      return converted(text, GaugeOption::of);
    }
  }

  private static <T> T converted(String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
