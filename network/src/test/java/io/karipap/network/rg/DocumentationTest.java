package io.karipap.network.rg;

import static org.assertj.core.api.Assertions.assertThat;

import io.karipap.network.rg.lattice.Ising;
import io.karipap.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The example of docs/renormalisation.md: it compiles, it is true, and it is the one printed. */
class DocumentationTest {

  @Test
  void example() {
    // example
    try (var _ = new TensorScope()) {
      Ising ising = Ising.isotropic(0.45);
      RenormalizationFlow<Btrg> flow =
          RenormalizationFlow.run(
              Btrg.of(ising.site()), TruncationRule.toBond(16), new Stopping(60, 1e-12));
      double error = flow.logZPerSite() / ising.exactLogZPerSite().orElseThrow() - 1;

      CtmrgC4v start = CtmrgC4v.of(ising.site(), ising.upEnds().getFirst());
      CtmrgC4v end =
          RenormalizationFlow.run(start, TruncationRule.toBond(16), Stopping.after(200)).end();
      double magnetisation = end.expectation(ising.magnetisedSite());

      FiniteLattice open = FiniteLattice.of(ising.site(), 32, 32, ising.freeEnds());
      LogNumber z = BoundaryMps.twoSided(open, TruncationRule.toBond(16));
      // end of example
      assertThat(Math.abs(error)).isLessThan(1e-6);
      assertThat(Math.abs(magnetisation - ising.exactMagnetisation())).isLessThan(1e-7);
      // every bond between tiles of 32 x 32 sites raises ln Z, by no more than its coupling
      assertThat(z.log() / (32 * 32))
          .isLessThan(flow.logZPerSite())
          .isGreaterThan(flow.logZPerSite() - 2 * 0.45 / 32);
    }
  }

  @Test
  void isTheOneThatIsPrinted() throws IOException {
    String source = Files.readString(find("network/src/test/java/" + name()));
    String example =
        source.substring(
            source.indexOf("    // example\n") + "    // example\n".length(),
            source.indexOf("      // end of example"));

    assertThat(Files.readString(find("docs/renormalisation.md"))).contains(example.indent(-4));
  }

  private static String name() {
    return DocumentationTest.class.getName().replace('.', '/') + ".java";
  }

  /** Tests run in the folder of their module or in the one above. */
  private static Path find(String path) {
    Path here = Path.of(path);
    return Files.exists(here) ? here : Path.of("..").resolve(path);
  }
}
