package io.karipap.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is too large to be read at one sitting is taken apart. Tests are not counted. */
class SizeTest {

  private static final int CLASSES_OF_A_PACKAGE = 25;
  private static final int LINES_OF_A_FILE = 400;
  private static final int LINES_OF_A_METHOD = 60;

  /** Files that may be longer, and why. */
  private static final Map<String, String> LONG_FILES =
      Map.of("Tensor.java", "one method for every operation of the native library, grouped");

  /** Methods that may be longer, and why. */
  private static final Map<String, String> LONG_METHODS =
      Map.of(
          "IndexCoder.java: void four(int first)",
          "a kernel, written out for each of its four lanes");

  private static final Map<Path, String> SOURCES = sources();

  private static Map<Path, String> sources() {
    Path root =
        Stream.of(Path.of(""), Path.of("..")) // Maven's and other runners' working directories
            .map(Path::toAbsolutePath)
            .filter(folder -> Files.isDirectory(folder.resolve("checkpoint")))
            .findFirst()
            .orElseThrow();
    Map<Path, String> sources = new TreeMap<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path main : modules.map(m -> m.resolve("src/main/java")).toList()) {
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
              sources.put(root.relativize(file), Files.readString(file));
            }
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }

  @Test
  void thereAreSources() {
    assertThat(SOURCES).hasSizeGreaterThan(300);
  }

  @Test
  void noPackageHasMoreThan25Classes() {
    Map<Path, Long> classes =
        SOURCES.keySet().stream()
            .filter(file -> !file.endsWith("package-info.java"))
            .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
    classes.values().removeIf(count -> count <= CLASSES_OF_A_PACKAGE);
    assertThat(classes).isEmpty();
  }

  @Test
  void noFileHasMoreThan400Lines() {
    Set<String> names = new TreeSet<>();
    SOURCES.forEach((file, source) -> {
      if (source.lines().count() > LINES_OF_A_FILE) {
        names.add(file.getFileName().toString());
      }
    });
    assertThat(names).as("the exceptions, all and alone").isEqualTo(LONG_FILES.keySet());
  }

  @Test
  void noMethodHasMoreThan60Lines() {
    Set<String> methods = new TreeSet<>();
    SOURCES.forEach((file, source) -> {
      for (JavaSource.Method method : JavaSource.methods(source)) {
        if (method.lines() > LINES_OF_A_METHOD) {
          methods.add(file.getFileName() + ": " + method.declaration());
        }
      }
    });
    assertThat(methods).as("the exceptions, all and alone").isEqualTo(LONG_METHODS.keySet());
  }
}
