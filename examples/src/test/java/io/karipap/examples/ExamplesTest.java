package io.karipap.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say, and stay as short as they are. */
class ExamplesTest {

  private static final Path ROOT =
      Stream.of(Path.of(""), Path.of("..")) // Maven's and other runners' working directories
          .map(Path::toAbsolutePath)
          .filter(root -> Files.isDirectory(root.resolve("models")))
          .findFirst()
          .orElseThrow();
  private static final String TALES = ROOT.resolve("models/karipap-tales").toString();

  @TempDir private Path folder;

  @Test
  void aModelIsCompressedAndRun() {
    String small = folder.resolve("small").toString();
    String text = TALES + "/calibration.txt";
    String printed = run(() -> CompressModel.main(new String[] {TALES, text, small}));
    double percent = Double.parseDouble(printed.substring(0, printed.indexOf(' ')));
    assertThat(percent).isCloseTo(50, within(0.5));
    String tale = run(() -> RunModel.main(new String[] {small, "The fox"}));
    assertThat(tale).startsWith("The fox").hasSizeGreaterThan(100);
  }

  @Test
  void theFreeEnergyIsThatOfOnsagersSolution() {
    String printed = run(() -> RenormalizeLattice.main(new String[0]));
    List<Double> values =
        printed
            .lines()
            .map(line -> line.substring(line.lastIndexOf(' ')))
            .map(Double::parseDouble)
            .toList();
    assertThat(values).hasSize(2);
    assertThat(values.get(1)).isEqualTo(0.9296953983); // Onsager 1944: ln 2 / 2 + 2 G / pi
    assertThat(values.get(0)).isCloseTo(values.get(1), within(1e-6));
  }

  @Test
  void everyExampleHasLessThanTwentyLinesOfCode() throws IOException {
    Path sources = ROOT.resolve("examples/src/main/java/io/karipap/examples");
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.filter(f -> !f.endsWith("package-info.java")).toList()) {
        assertThat(Files.readString(file).lines().map(String::strip).filter(ExamplesTest::isCode))
            .as("lines of code of %s", file.getFileName())
            .hasSizeLessThan(20);
      }
    }
  }

  /** Comments, imports and braces are none. */
  private static boolean isCode(String line) {
    return line.chars().anyMatch(Character::isLetterOrDigit)
        && !line.startsWith("/")
        && !line.startsWith("*")
        && !line.startsWith("import ")
        && !line.startsWith("package ");
  }

  private static String run(Runnable program) {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(console);
    }
    return printed.toString(UTF_8);
  }
}
