package io.karipap.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rules of CONTRIBUTING.md that a compiler does not check. */
class ArchitectureTest {

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/io/karipap/testing/"))
          .importPackages("io.karipap");

  /** Every package is a slice of its own, the root of a module too. */
  private static final SliceAssignment PACKAGES =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
          return SliceIdentifier.of(javaClass.getPackageName());
        }

        @Override
        public String getDescription() {
          return "packages";
        }
      };

  /**
   * What programs may use: the front door and its data, and below it the toolbox of researchers:
   * files, tensors, networks, transformers.
   */
  private static final String[] PUBLIC_API = {
    "io.karipap",
    "io.karipap.compress",
    "io.karipap.compress.profile",
    "io.karipap.checkpoint..",
    "io.karipap.tensor",
    "io.karipap.network..",
    "io.karipap.model.arch",
    "io.karipap.model.calibrate",
    "io.karipap.model.evaluate",
    "io.karipap.model.family",
    "io.karipap.model.gauge",
    "io.karipap.model.generate",
    "io.karipap.model.io",
    "io.karipap.model.task",
    "io.karipap.model.text",
    "io.karipap.model.train"
  };

  private static final String[] PROGRAMS = {
    "io.karipap.cli..", "io.karipap.bench..", "io.karipap.examples.."
  };

  /** Benchmarks that measure a part inside of the library, and the package that it is in. */
  private static final Map<String, String> INSIDE =
      Map.of(
          "FormRow", "io.karipap.compress.fit", // the fit of one matrix
          "Hull", "io.karipap.compress.plan", // the hull that the planner takes, too
          "ParetoPlot", "io.karipap.compress.report", // charts in the style of the report's
          "PrunedArtifact", "io.karipap.compress.store", // a baseline in the same files
          "RandomNetworks", "io.karipap.compress.plan", // the shapes of a plan, without a model
          "TrainingProcess", "io.karipap.compress.heal"); // the loss of a healing

  /** Constructors in the public API that may have more than seven parameters, and why. */
  private static final Map<String, String> LONG_CONSTRUCTORS =
      Map.of(
          "ModelConfig", "the fields of config.json",
          "LlamaConfig", "the fields of config.json",
          "MatrixSpec", "made by of and changed one by one",
          "ArtifactManifest", "the fields of a manifest",
          "CompressionResult", "an answer, which no caller makes",
          "Lattice", "the fields of a stored form");

  @Test
  void arrowsOnlyGoDown() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("checkpoint")
        .definedBy("io.karipap.checkpoint..")
        .layer("tensor")
        .definedBy("io.karipap.tensor..")
        .layer("network")
        .definedBy("io.karipap.network..")
        .layer("model")
        .definedBy("io.karipap.model..")
        .layer("compress")
        .definedBy("io.karipap", "io.karipap.compress..")
        .layer("cli")
        .definedBy("io.karipap.cli..")
        .layer("examples")
        .definedBy("io.karipap.examples..")
        .layer("bench")
        .definedBy("io.karipap.bench..")
        .optionalLayer("testing")
        .definedBy("io.karipap.testing..")
        .whereLayer("checkpoint")
        .mayNotAccessAnyLayer()
        .whereLayer("tensor")
        .mayNotAccessAnyLayer()
        .whereLayer("network")
        .mayOnlyAccessLayers("checkpoint", "tensor")
        .whereLayer("model")
        .mayOnlyAccessLayers("checkpoint", "tensor", "network")
        .whereLayer("compress")
        .mayOnlyAccessLayers("checkpoint", "tensor", "network", "model")
        .whereLayer("examples")
        .mayOnlyAccessLayers("tensor", "network", "compress")
        .whereLayer("examples")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("bench")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("testing")
        .mayNotBeAccessedByAnyLayer()
        .ensureAllClassesAreContainedInArchitecture()
        .check(OURS);
  }

  @Test
  void ofFilesNetworksKnowHowTheyAreDescribedAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.karipap.network..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.karipap.checkpoint..")
                .and(
                    resideOutsideOfPackages(
                        "io.karipap.checkpoint.form", "io.karipap.checkpoint.codec")))
        .check(OURS);
  }

  @Test
  void programsUseThePublicApi() {
    DescribedPredicate<JavaClass> inside =
        resideInAPackage("io.karipap..")
            .and(resideOutsideOfPackages(PUBLIC_API))
            .and(resideOutsideOfPackages(PROGRAMS))
            .as("are inside of the library");
    ArchCondition<JavaClass> useIt =
        new ArchCondition<>("use what is inside of the library") {
          @Override
          public void check(JavaClass program, ConditionEvents events) {
            String name = program.getName().replaceAll("^.*\\.|\\$.*$", ""); // of the file
            for (Dependency dependency : program.getDirectDependenciesFromSelf()) {
              JavaClass used = dependency.getTargetClass().getBaseComponentType();
              boolean named = used.getPackageName().equals(INSIDE.get(name));
              events.add(
                  new SimpleConditionEvent(
                      dependency, inside.test(used) && !named, dependency.getDescription()));
            }
          }
        };
    noClasses().that().resideInAnyPackage(PROGRAMS).should(useIt).check(OURS);
  }

  @Test
  void publicConstructorsHaveAtMostSevenParameters() {
    var found =
        OURS.that(resideInAnyPackage(PUBLIC_API)).stream()
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .flatMap(type -> type.getConstructors().stream())
            .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(c -> c.getRawParameterTypes().size() > 7)
            .map(c -> c.getOwner().getSimpleName())
            .collect(Collectors.toSet());
    assertThat(found).as("the exceptions, all and alone").isEqualTo(LONG_CONSTRUCTORS.keySet());
  }

  @Test
  void packagesHaveNoCycles() {
    slices().assignedFrom(PACKAGES).should().beFreeOfCycles().check(OURS);
  }

  @Test
  void nativeMemoryIsTouchedInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.karipap.tensor..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(OURS);
  }

  @Test
  void theTokenizerLibraryIsUsedInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.karipap.checkpoint..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(OURS);
  }

  @Test
  void onlyProgramsPrint() {
    noClasses()
        .that()
        .resideOutsideOfPackages(PROGRAMS)
        .should(ACCESS_STANDARD_STREAMS)
        .check(OURS);
  }

  @Test
  void staticsAreFinal() {
    fields().that().areStatic().should().beFinal().check(OURS);
  }

  @Test
  void everyPackageIsNullMarked() {
    var packages = OURS.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
    assertThat(packages)
        .filteredOn(p -> !p.isAnnotatedWith(NullMarked.class))
        .extracting(JavaPackage::getName)
        .isEmpty();
  }

  /** A form that is added must show as a compiler error wherever forms are told apart. */
  @Test
  void noSwitchCatchesAllFactorizations() throws IOException {
    Pattern catchAll = Pattern.compile("case (Factorization|FormSpec|NumberFormat) \\w+");
    List<Path> sources = sources("[a-z]+");
    assertThat(sources).hasSizeGreaterThan(300);
    for (Path source : sources) {
      assertThat(Files.readString(source)).as("%s", source).doesNotContainPattern(catchAll);
    }
  }

  /** A Java program has no options; the command turns names of parameters into its own. */
  @Test
  void messagesOfTheLibraryNameNoOptions() throws IOException {
    Pattern option = Pattern.compile("\"[^\"\n]*--[a-z]");
    List<Path> sources = sources("checkpoint|tensor|network|model|compress");
    assertThat(sources).hasSizeGreaterThan(200);
    for (Path source : sources) {
      assertThat(Files.readString(source)).as("%s", source).doesNotContainPattern(option);
    }
  }

  private static List<Path> sources(String modules) throws IOException {
    Path root = Path.of(Files.isDirectory(Path.of("checkpoint")) ? "" : "..").toAbsolutePath();
    try (var files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().matches(".*/(" + modules + ")/src/main/java/.*\\.java"))
          .toList();
    }
  }
}
