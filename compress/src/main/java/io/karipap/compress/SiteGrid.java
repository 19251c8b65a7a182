package io.karipap.compress;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sites of a PEPO.
 *
 * @param rows at least 1
 * @param columns at least 1; 2 to 12 sites in all
 */
public record SiteGrid(int rows, int columns) {

  /** Four sites in a ring. */
  public static final SiteGrid RING = new SiteGrid(2, 2);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,2})x(\\d{1,2})");

  /** Checks the number of sites. */
  public SiteGrid {
    if (rows < 1 || columns < 1 || rows * columns < 2 || rows * columns > 12) {
      throw new IllegalArgumentException(
          "a grid of " + rows + "x" + columns + " is not supported: 2 to 12 sites");
    }
  }

  /** Parses ROWSxCOLUMNS, such as 2x3. */
  public static SiteGrid of(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a grid such as 2x3");
    }
    return new SiteGrid(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  @Override
  public String toString() {
    return rows + "x" + columns;
  }
}
