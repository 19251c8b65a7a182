package io.karipap.compress.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A browser without a window that shows a page as a reader sees it.
 *
 * @param program the browser
 * @param folder for its profile, and for what it prints
 */
record Chromium(Path program, Path folder) {

  /**
   * A page as it is laid out in a frame of some width.
   *
   * @param width that it takes: more than the frame's if it overflows
   * @param scripts number of script elements
   * @param cut texts in cells of drawings that are wider than their cell
   * @param text that is to be seen
   * @param complaints of the browser, such as errors of scripts and files that it does not find
   */
  record Layout(int width, int scripts, List<String> cut, String text, List<String> complaints) {}

  /** The browser of this machine, if there is one. */
  static Optional<Chromium> find(Path folder) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(path ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(path, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Chromium(program, folder));
  }

  /** Lays a page out. A window cannot be as narrow as a phone, so the page is shown in a frame. */
  Layout layout(Path page, int width) throws IOException, InterruptedException {
    Path frame = frame(page, width, 800);
    String dom =
        run(
            folder.resolve("dom.html"),
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
            "--window-size=1200,800",
            "--dump-dom",
            frame.toUri().toString());
    return new Layout(
        Integer.parseInt(attribute(dom, "data-width")),
        Integer.parseInt(attribute(dom, "data-scripts")),
        attribute(dom, "data-cut").lines().toList(),
        attribute(dom, "data-text"),
        Files.readAllLines(errors()).stream().filter(line -> line.contains("CONSOLE")).toList());
  }

  private static String attribute(String dom, String name) {
    Matcher found = Pattern.compile("(?s)" + name + "=\"([^\"]*)\"").matcher(dom);
    assertThat(found.find()).as("%s in %s", name, dom).isTrue();
    return found
        .group(1)
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u00a0")
        .replace("&amp;", "&");
  }

  /** Takes a picture of a page in a frame of some size. */
  void screenshot(Path page, Path picture, int width, int height)
      throws IOException, InterruptedException {
    Path frame = frame(page, width, height);
    String unused =
        run(
            folder.resolve("screenshot.txt"),
            "--force-device-scale-factor=1",
            "--window-size=" + Math.max(width, 600) + "," + height,
            "--screenshot=" + picture.toAbsolutePath(),
            frame.toUri().toString());
    assertThat(Files.size(picture)).as(unused).isPositive();
  }

  /** Prints a page. */
  void print(Path page, Path pdf) throws IOException, InterruptedException {
    String unused =
        run(
            folder.resolve("print.txt"),
            "--no-pdf-header-footer",
            "--print-to-pdf=" + pdf.toAbsolutePath(),
            page.toUri().toString());
    assertThat(Files.size(pdf)).as(unused).isPositive();
  }

  private Path frame(Path page, int width, int height) throws IOException {
    return Files.writeString(
        folder.resolve("frame.html"),
        """
        <!doctype html><meta charset="utf-8">
        <style>* { margin: 0; border: 0; padding: 0 }</style>
        <iframe src="%s" width="%d" height="%d" onload="
          const page = this.contentDocument;
          if (page) {
            document.body.dataset.width = page.documentElement.scrollWidth;
            document.body.dataset.scripts = page.scripts.length;
            document.body.dataset.text = page.body.innerText;
            document.body.dataset.cut = [...page.querySelectorAll('svg g text')]
                .filter(text => text.getBBox().width
                    > text.parentNode.querySelector('rect').getBBox().width)
                .map(text => text.textContent).join('\\n');
          }"></iframe>
        """
            .formatted(page.toUri(), width, height));
  }

  /** What the browser said of the last page. */
  private Path errors() {
    return folder.resolve("errors.txt");
  }

  private String run(Path output, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors().toFile())
            .start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException("the browser does not end");
    }
    return Files.readString(output, UTF_8);
  }
}
