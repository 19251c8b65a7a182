package io.karipap.cli.command;

import io.karipap.checkpoint.tokenizer.Tokenizer;
import io.karipap.model.text.Documents;
import io.karipap.model.text.TextMixture;
import io.karipap.model.text.TokenSequence;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A training text as given on the command line: {@code PATH} or {@code PATH=WEIGHT}.
 *
 * @param weight share of the windows, relative to the other texts; empty for as many as it has
 *     tokens
 */
record WeightedText(Path path, OptionalDouble weight) {

  private static final Pattern WEIGHTED = Pattern.compile("(.+)=([0-9.eE+-]+)");

  static WeightedText of(String text) {
    Matcher matcher = WEIGHTED.matcher(text);
    if (!matcher.matches()) {
      return new WeightedText(Path.of(text), OptionalDouble.empty());
    }
    double weight = Double.parseDouble(matcher.group(2));
    if (!(weight > 0 && weight < Double.MAX_VALUE)) {
      throw new IllegalArgumentException("the weight of a text must be above 0, not " + weight);
    }
    return new WeightedText(Path.of(matcher.group(1)), OptionalDouble.of(weight));
  }

  /** Reads and encodes it. */
  TextMixture.Source source(Tokenizer tokenizer) {
    TokenSequence tokens = Documents.read(path).join(tokenizer);
    return new TextMixture.Source(tokens, weight.orElse(tokens.size()));
  }

  /** The form that the command line takes. */
  static final class Converter implements ITypeConverter<WeightedText> {
    @Override
    public WeightedText convert(String text) {
      try {
        return of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'%s': %s".formatted(text, e.getMessage()));
      }
    }
  }
}
