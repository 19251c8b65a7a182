package io.karipap.cli;

import static java.util.Locale.ROOT;

import io.karipap.compress.Form;
import io.karipap.compress.Grid;
import io.karipap.compress.Trainable;
import io.karipap.network.Format;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of options that are ours, so that a wrong one is answered in our words. */
final class Converters {

  private Converters() {}

  /** A form by its label. */
  static final class ToForm implements ITypeConverter<Form> {
    @Override
    public Form convert(String text) {
      return converted(text, Form::of);
    }
  }

  /** A number format such as int4. */
  static final class ToFormat implements ITypeConverter<Format> {
    @Override
    public Format convert(String text) {
      return converted(text, Format::of);
    }
  }

  /** A number format, or 16 bits. */
  static final class ToNumbers implements ITypeConverter<Numbers> {
    @Override
    public Numbers convert(String text) {
      return converted(text, Numbers::of);
    }
  }

  /** What a healing trains, by its label. */
  static final class ToTrainable implements ITypeConverter<Trainable> {
    @Override
    public Trainable convert(String text) {
      return converted(text, Trainable::of);
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
  static final class ToGrid implements ITypeConverter<Grid> {
    @Override
    public Grid convert(String text) {
      return converted(text, Grid::of);
    }
  }

  /** Symmetries by their labels, auto or none. */
  static final class ToGauge implements ITypeConverter<Gauges> {
    @Override
    public Gauges convert(String text) {
      return converted(text, Gauges::of);
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
