package io.karipap.bench.paper;

import io.karipap.model.task.Estimate;
import java.util.Locale;

/** Numbers as text, the same in every country. */
final class PaperText {

  private PaperText() {}

  /** As {@link String#format} does. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not on the class path
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** A share in percent. */
  static String percent(double share) {
    return format("%.1f %%", 100 * share);
  }

  /** A mean and, if there is one, its standard error. */
  static String number(String pattern, Estimate estimate) {
    String value = format(pattern, estimate.value());
    return Double.isFinite(estimate.standardError())
        ? value + " ± " + format(pattern.replace("+", ""), estimate.standardError())
        : value;
  }

  /** A share and its error in percent. */
  static Estimate scaled(Estimate share) {
    return new Estimate(100 * share.value(), 100 * share.standardError());
  }
}
