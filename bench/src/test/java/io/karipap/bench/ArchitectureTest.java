package io.karipap.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        .layer("bench")
        .definedBy("io.karipap.bench..")
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
        .whereLayer("bench")
        .mayNotBeAccessedByAnyLayer()
        .ensureAllClassesAreContainedInArchitecture()
        .check(OURS);
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
        .resideOutsideOfPackages("io.karipap.cli..", "io.karipap.bench..")
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
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("CONTRIBUTING.md"))) {
      root = root.getParent();
    }
    try (var files = Files.walk(root)) {
      List<Path> sources =
          files.filter(file -> file.toString().matches(".*/src/main/java/.*\\.java")).toList();
      assertThat(sources).hasSizeGreaterThan(300);
      for (Path source : sources) {
        assertThat(Files.readString(source)).as("%s", source).doesNotContainPattern(catchAll);
      }
    }
  }
}
