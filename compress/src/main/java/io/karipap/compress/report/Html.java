package io.karipap.compress.report;

/** HTML text and the frame of a page. */
final class Html {

  private Html() {}

  /** A text as the content of an element or the value of an attribute. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\'' -> escaped.append("&#39;");
            default -> escaped.appendCodePoint(isShown(c) ? c : '\uFFFD');
          }
        });
    return escaped.toString();
  }

  /**
   * Control characters and halves of surrogate pairs are no characters of HTML, and a change of the
   * writing direction would go on behind the text.
   */
  private static boolean isShown(int c) {
    boolean space = c == '\n' || c == '\t';
    return space
        || !(Character.isISOControl(c)
            || Character.getType(c) == Character.SURROGATE
            || (c >= 0x202A && c <= 0x202E)
            || (c >= 0x2066 && c <= 0x2069));
  }

  /**
   * A whole page in one file: no scripts, nothing from the network.
   *
   * @param title as text
   * @param body as HTML
   */
  static String page(String title, String body) {
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    <main>
    %s</main>
    </body>
    </html>
    """
        .formatted(escaped(title), STYLE, body);
  }

  /** A table, or another thing that is wider than a phone, with a scroll bar of its own. */
  static String scrolling(String label, String html) {
    return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">%s</div>\n"
        .formatted(escaped(label), html);
  }

  /** A command to copy, whose options are not broken at their hyphens. */
  static String command(String command) {
    return "<pre><code>%s</code></pre>\n"
        .formatted(
            escaped(command)
                .replaceAll("(?<=\\s)--?[a-z][a-z-]{0,30}(?=\\s|$)", "<span>$0</span>"));
  }

  private static final String STYLE =
      """
      :root {
        color-scheme: light dark;
        --back: #fff; --text: #1b1f24; --muted: #59636e; --line: #d9dee4; --panel: #f5f7f9;
        --before: #a9b4c0; --after: #0a63c4; --second: #c2410c; --heat: #e8590c; --note: #fff3d1;
        --edge: #0003;
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --back: #14171b; --text: #e6e9ec; --muted: #9aa4af; --line: #31373e; --panel: #1d2127;
          --before: #5c6773; --after: #58a6ff; --second: #ff9d5c; --heat: #d9480f; --note: #3a2f12;
          --edge: #000c;
        }
      }
      * { box-sizing: border-box }
      html { -webkit-text-size-adjust: 100% }
      body {
        margin: 0; background: var(--back); color: var(--text);
        font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
      }
      main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
      h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere }
      h2 { font-size: 1.15rem; line-height: 1.3; margin: 2.2rem 0 .4rem }
      h3 { font-size: .95rem; margin: 0 0 .3rem }
      p { margin: .3rem 0 .8rem; max-width: 46rem; overflow-wrap: anywhere }
      .brand { font-size: .8rem; letter-spacing: .08em; color: var(--muted); margin: 0 }
      .muted, figcaption, small { color: var(--muted) }
      figcaption, .small { font-size: .85rem }
      .note { background: var(--note); border-radius: .5rem; padding: .6rem .9rem; max-width: none }
      .tiles {
        display: grid; gap: .7rem; margin: 1.2rem 0; padding: 0; list-style: none;
        grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
      }
      .tiles li { background: var(--panel); border-radius: .6rem; padding: .75rem .9rem }
      .tiles .older, th.older { background: var(--note) }
      .tiles b { display: block; font-size: 1.55rem; font-weight: 650; line-height: 1.25 }
      .tiles span { display: block; font-size: .82rem; color: var(--muted); line-height: 1.35; text-wrap: pretty }
      .tiles span:first-child { color: var(--text); font-weight: 600 }
      .columns {
        display: grid; gap: 0 2.5rem;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
      }
      .columns > * { min-width: 0 }
      .columns > table { justify-self: start }
      figure { margin: 0 }
      svg { display: block; width: 100%; height: auto; font-size: 11px; fill: var(--text) }
      .chart { max-width: 31rem }
      .chart svg { margin: .4rem 0 }
      svg .muted { fill: var(--muted) }
      svg .axis, svg .tick { stroke: var(--line); fill: none }
      svg .before { fill: var(--before) }
      svg .after { fill: var(--after) }
      svg .heat { fill: var(--heat) }
      svg .after-line { stroke: var(--after); stroke-width: 1.6; fill: none }
      svg .second-line { stroke: var(--second); stroke-width: 1.6; fill: none }
      svg .second { fill: var(--second) }
      .key { white-space: nowrap }
      .key::before {
        content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .35em;
        border-radius: .15em; background: var(--before); vertical-align: -.05em;
      }
      .key.after::before { background: var(--after) }
      .key.second::before { background: var(--second) }
      /* a shadow at the edge where more is to be scrolled to */
      .scroll {
        overflow-x: auto; margin: .6rem 0;
        background:
          linear-gradient(to right, var(--back) 40%, transparent) left / 2rem 100% no-repeat local,
          linear-gradient(to left, var(--back) 40%, transparent) right / 2rem 100% no-repeat local,
          linear-gradient(to right, var(--edge), transparent) left / .7rem 100% no-repeat,
          linear-gradient(to left, var(--edge), transparent) right / .7rem 100% no-repeat;
      }
      .scroll svg { min-width: 34rem; max-width: 46rem }
      table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
      caption { text-align: left; color: var(--muted) }
      th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line) }
      th { vertical-align: bottom; font-weight: 600 }
      th:first-child, .left { text-align: left }
      tbody th { font-weight: 400; vertical-align: middle }
      td { white-space: nowrap }
      td small { display: block; white-space: normal; max-width: 24rem; line-height: 1.3 }
      sup { line-height: 0 }
      @media screen and (max-width: 44rem) {
        .rows, .rows thead, .rows tbody { display: block }
        .rows tr {
          display: grid; grid-template-columns: 1.2fr .8fr 1.3fr .8fr; gap: 0 .7rem;
          padding: .35rem 0; border-bottom: 1px solid var(--line);
        }
        .rows th, .rows td { border: 0; padding: .05rem 0 }
        .rows th:first-child { grid-column: 1 / -1; overflow-wrap: anywhere }
        .rows tbody th { font-weight: 600 }
        .rows small { display: inline }
        .rows :nth-child(2), .rows :nth-child(3) { grid-column-end: span 2 }
      }
      blockquote {
        margin: .3rem 0 1rem; padding: .7rem .9rem; background: var(--panel); border-radius: .6rem;
        white-space: pre-wrap; overflow-wrap: anywhere;
      }
      pre {
        margin: .3rem 0 .8rem; padding: .7rem .9rem; background: var(--panel); border-radius: .6rem;
        white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem;
      }
      pre span { white-space: nowrap }
      code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace }
      dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .25rem 1rem; margin: .4rem 0; font-size: .9rem }
      dt { color: var(--muted) }
      dd { margin: 0; min-width: 0; overflow-wrap: anywhere }
      @media print {
        :root {
          color-scheme: light;
          --back: #fff; --text: #000; --muted: #444; --line: #bbb; --panel: #f3f3f3;
          --before: #a9b4c0; --after: #0a63c4; --second: #c2410c; --heat: #e8590c; --note: #fff3d1;
        }
        @page { margin: 14mm }
        html { font-size: 13px }
        body { font-size: 1rem }
        h2 { margin-top: 1.6rem }
        th, td { padding-top: .2rem; padding-bottom: .2rem }
        * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
        main { max-width: none; padding: 0 }
        .tiles { grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .5rem; margin: .8rem 0 }
        .tiles li { padding: .45rem .55rem }
        .tiles b { font-size: 1.25rem; white-space: nowrap }
        .rows th:first-child { overflow-wrap: anywhere }
        .columns { grid-template-columns: 1fr 1fr }
        .scroll { overflow: visible; background: none }
        .scroll svg { min-width: 0 }
        h2, h3, h2 + p { break-after: avoid }
        p, figure, li, tr, blockquote, pre, dl { break-inside: avoid }
        thead { display: table-header-group }
      }
      """;
}
