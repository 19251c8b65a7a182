package io.karipap.cli;

import io.karipap.compress.Form;
import io.karipap.compress.Grid;
import io.karipap.compress.Trainable;
import io.karipap.network.Format;
import java.util.function.Function;
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

  /** What a healing trains, by its label. */
  static final class ToTrainable implements ITypeConverter<Trainable> {
    @Override
    public Trainable convert(String text) {
      return converted(text, Trainable::of);
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
