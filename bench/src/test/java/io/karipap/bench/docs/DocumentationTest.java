package io.karipap.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.karipap.bench.codes.CodesBenchmark;
import io.karipap.bench.forms.FormsArguments;
import io.karipap.bench.paper.PaperBenchmark;
import io.karipap.bench.training.TrainingArguments;
import io.karipap.cli.Karipap;
import io.karipap.cli.console.Streams;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The pages name commands, options, files and classes that are there. */
class DocumentationTest {

  private static final Set<String> BENCHMARKS =
      Set.of("codes", "forms", "paper", "plot", "rg", "training");

  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(?:#[^)]*)?\\)");
  private static final Pattern TYPE = Pattern.compile("\\b[A-Z][a-z0-9]+\\w*\\b");

  /** Options of other programs that the pages name. */
  private static final Set<String> FOREIGN_OPTIONS = Set.of("--enable-native-access");

  /** Modules that others do not depend on in their code: of scope test, and a list of versions. */
  private static final Set<String> NOT_IN_THE_DIAGRAM = Set.of("testing", "bom");

  private static final List<String> MODULES =
      matches(Pattern.compile("<module>([^<]+)</module>"), Pages.text("pom.xml"));
  private static final Set<String> TYPES = declaredTypes();
  private static final CommandLine COMMAND =
      Karipap.commandLine(new Streams(nowhere(), nowhere(), false));
  private static final CommandLine CODES = CodesBenchmark.commandLine(nowhere(), nowhere());
  private static final CommandLine PAPER = PaperBenchmark.commandLine(nowhere(), nowhere());

  static List<Path> pages() {
    return Pages.all();
  }

  static List<DocumentedCall> calls() {
    return Pages.all().stream()
        .flatMap(page -> DocumentedCall.of(page, Pages.text(page)).stream())
        .filter(call -> !call.words().equals("..."))
        .toList();
  }

  @Test
  void thereAreCalls() {
    assertThat(calls()).hasSizeGreaterThan(30).anyMatch(call -> call.words().contains("REGEX"));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void everyCallIsUnderstood(DocumentedCall call) {
    List<String> words = call.arguments();
    if (words.getFirst().equals("bench")) {
      assertThat(words.get(1)).isIn(BENCHMARKS);
      List<String> rest = words.subList(2, words.size());
      if (!rest.isEmpty()) {
        assertThatCode(() -> parseBenchmark(words.get(1), rest)).doesNotThrowAnyException();
      }
    } else if (words.size() == 1 && !words.getFirst().startsWith("-")) {
      // a command that is spoken of
      assertThat(COMMAND.getSubcommands()).containsKey(words.getFirst());
    } else {
      assertThatCode(() -> COMMAND.parseArgs(words.toArray(String[]::new)))
          .doesNotThrowAnyException();
    }
  }

  private static void parseBenchmark(String benchmark, List<String> words) {
    switch (benchmark) {
      case "forms" -> FormsArguments.of(words);
      case "training" -> TrainingArguments.of(words);
      case "paper" -> PAPER.parseArgs(words.toArray(String[]::new));
      case "codes" -> CODES.parseArgs(words.toArray(String[]::new));
      case "plot" -> assertThat(words).hasSize(2);
      default -> assertThat(words).isEmpty();
    }
  }

  /** Options in a line of text, such as in `compress --flow` or `--resume`. */
  @ParameterizedTest
  @MethodSource("pages")
  void everyNamedOptionExists(Path page) {
    Set<String> unknown = new TreeSet<>();
    for (String code : matches(CODE, prose(page))) {
      String command = code.replaceFirst("^\\./karipap ", "").split(" ", 2)[0];
      Set<String> known =
          COMMAND.getSubcommands().containsKey(command) ? options(command) : allOptions();
      matches(OPTION, code).stream()
          .filter(option -> !known.contains(option))
          .forEach(option -> unknown.add("`" + code + "`"));
    }
    assertThat(unknown).isEmpty();
  }

  private static Set<String> options(String command) {
    return COMMAND.getSubcommands().get(command).getCommandSpec().optionsMap().keySet();
  }

  private static Set<String> allOptions() {
    Set<String> all = new HashSet<>(FOREIGN_OPTIONS);
    COMMAND.getSubcommands().keySet().forEach(command -> all.addAll(options(command)));
    all.addAll(COMMAND.getCommandSpec().optionsMap().keySet());
    all.addAll(CODES.getCommandSpec().optionsMap().keySet());
    all.addAll(PAPER.getCommandSpec().optionsMap().keySet());
    all.addAll(matches(OPTION, FormsArguments.USAGE));
    all.addAll(matches(OPTION, TrainingArguments.USAGE));
    return all;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsToAFile(Path page) {
    List<String> dead =
        matches(LINK, Pages.text(page)).stream()
            .filter(link -> !link.matches("https?:.*"))
            .filter(link -> !Files.exists(page.resolveSibling(link)))
            .toList();
    assertThat(dead).isEmpty();
  }

  /** Classes in code: `Trg`, `FiniteLattice.of`, and blocks in Java. */
  @ParameterizedTest
  @MethodSource("pages")
  void everyNamedClassExists(Path page) {
    Set<String> unknown = new TreeSet<>();
    for (String code : matches(CODE, prose(page))) {
      if (code.matches("[A-Z][a-z0-9]+\\w*(\\.[a-z]\\w*)?")) {
        unknown.add(code.split("\\.", 2)[0]);
      }
    }
    for (String block : matches(Pattern.compile("(?s)```java\n(.*?)```"), Pages.text(page))) {
      unknown.addAll(matches(TYPE, block.replaceAll("\"[^\"]*\"|//.*", "")));
    }
    unknown.removeIf(name -> TYPES.contains(name) || isOfJava(name));
    assertThat(unknown).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyNamedPackageExists(Path page) {
    List<String> unknown =
        matches(Pattern.compile("`(io\\.karipap(?:\\.[a-z0-9]+)+)`"), Pages.text(page)).stream()
            .filter(name ->
                MODULES.stream()
                    .map(module -> Pages.ROOT.resolve(module + "/src/main/java"))
                    .noneMatch(folder -> Files.isDirectory(folder.resolve(name.replace('.', '/')))))
            .toList();
    assertThat(unknown).isEmpty();
  }

  @Test
  void theReadmeNamesEveryCommandAndModule() {
    Set<String> commands = new TreeSet<>(matches(CODE, Pages.section("README.md", "Commands")));
    assertThat(commands)
        .containsAll(
            COMMAND.getSubcommands().values().stream()
                .map(CommandLine::getCommandName)
                .filter(name -> !name.equals("help"))
                .toList());
    List<String> folders =
        Pages.table(Pages.section("README.md", "Modules"), 0).stream()
            .skip(1)
            .map(row -> row.getFirst().replaceAll("[`/]", ""))
            .toList();
    assertThat(folders).containsExactlyInAnyOrderElementsOf(MODULES);
  }

  /** Every arrow, and every arrow that follows from others, is a dependency in a pom, and back. */
  @Test
  void theDiagramOfModulesShowsTheirDependencies() {
    Set<List<String>> drawn = new HashSet<>();
    Matcher arrow =
        Pattern.compile("(\\w+) --> (\\w+)").matcher(Pages.section("README.md", "Modules"));
    while (arrow.find()) {
      drawn.add(List.of(arrow.group(1), arrow.group(2)));
    }
    Set<List<String>> declared = new HashSet<>();
    for (String module : MODULES) {
      for (String other : MODULES) {
        String artifact = "<artifactId>karipap-" + other + "</artifactId>";
        if (!other.equals(module)
            && !NOT_IN_THE_DIAGRAM.contains(module)
            && !NOT_IN_THE_DIAGRAM.contains(other)
            && Pages.text(module + "/pom.xml").contains(artifact)) {
          declared.add(List.of(module, other));
        }
      }
    }
    assertThat(closure(drawn)).isEqualTo(closure(declared));
  }

  private static Set<List<String>> closure(Set<List<String>> arrows) {
    Set<List<String>> closure = new HashSet<>(arrows);
    boolean grows = true;
    while (grows) {
      List<List<String>> further = new ArrayList<>();
      for (List<String> a : closure) {
        for (List<String> b : closure) {
          if (a.getLast().equals(b.getFirst())) {
            further.add(List.of(a.getFirst(), b.getLast()));
          }
        }
      }
      grows = closure.addAll(further);
    }
    return closure;
  }

  private static PrintStream nowhere() {
    return new PrintStream(PrintStream.nullOutputStream());
  }

  /** A page without its blocks of code. */
  private static String prose(Path page) {
    return Pages.text(page).replaceAll("(?s)```.*?```", "").replaceAll("(?m)^ {4}.*$", "");
  }

  private static List<String> matches(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(Math.min(1, match.groupCount())))
        .toList();
  }

  /** Names of all classes, nested ones too. */
  private static Set<String> declaredTypes() {
    Set<String> names = new HashSet<>();
    Pattern declared = Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z]\\w*)");
    List<Path> sources =
        MODULES.stream()
            .map(module -> Pages.ROOT.resolve(module + "/src"))
            .filter(Files::exists)
            .toList();
    for (Path source : sources) {
      try (Stream<Path> files = Files.walk(source)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> names.addAll(matches(declared, Pages.text(file))));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return names;
  }

  private static boolean isOfJava(String name) {
    return Stream.of("java.lang", "java.util", "java.nio.file", "java.lang.foreign")
        .anyMatch(packageName -> {
          try {
            Class.forName(packageName + "." + name);
            return true;
          } catch (ClassNotFoundException e) {
            return false;
          }
        });
  }
}
