package io.karipap.compress.report;

import java.util.Locale;

/** Numbers as people read them, the same in every country. */
final class Figures {

  private Figures() {}

  /** As {@link String#format} does. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation is not on the class path
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** A whole number with its thousands apart. */
  static String count(long number) {
    return format("%,d", number);
  }

  /** A whole number in at most eight characters, such as {@code 1.10 B} for a billion. */
  static String compact(long number) {
    return number < 1_000_000
        ? count(number)
        : number < 1_000_000_000
            ? decimals(number / 1e6, 2) + " M"
            : decimals(number / 1e9, 2) + " B";
  }

  /** A number with a fixed number of decimals; a word if it is not a number. */
  static String decimals(double number, int decimals) {
    return Double.isFinite(number) ? format("%." + decimals + "f", number) : "not finite";
  }

  /** A share in per cent with one decimal. */
  static String percent(double share) {
    return format("%.1f %%", 100 * share);
  }

  /** A share of a whole in per cent: one decimal, two below one per cent. */
  static String share(long part, long whole) {
    double percent = 100.0 * part / Math.max(1, whole);
    return format(percent < 1 ? "%.2f %%" : "%.1f %%", percent);
  }

  /** Bytes in the largest fitting unit of a power of ten. */
  static String bytes(long bytes) {
    return bytes < 1_000_000
        ? decimals(bytes / 1e3, 1) + " kB"
        : bytes < 1_000_000_000
            ? decimals(bytes / 1e6, 2) + " MB"
            : decimals(bytes / 1e9, 2) + " GB";
  }

  /** Seconds, or minutes and hours. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    return seconds < 120
        ? decimals(seconds, 1) + " s"
        : whole < 7200
            ? "%d min %d s".formatted(whole / 60, whole % 60)
            : "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
