package io.karipap.cli.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.cli.console.Console;
import io.karipap.cli.console.Streams;
import io.karipap.cli.console.Table;
import io.karipap.network.rg.RenormalizationFlow;
import io.karipap.network.rg.Stopping;
import io.karipap.network.rg.TruncationRule;
import io.karipap.network.rg.lattice.Dimers;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.network.rg.lattice.LatticeModel;
import io.karipap.network.rg.lattice.Potts;
import io.karipap.network.rg.lattice.SquareIce;
import io.karipap.tensor.TensorScope;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code karipap lattice}: the renormalization engine on models whose solution is known. */
@Command(
    name = "lattice",
    description = "Renormalizes an infinite square lattice and compares with the exact solution.")
public final class LatticeCommand extends BaseCommand {

  /** The models, by the name they are called with. */
  private enum Name {
    ISING,
    POTTS,
    DIMERS,
    ICE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "MODEL", description = "ising, potts, dimers or ice.")
  private Name name = Name.ISING;

  @Option(
      names = "--beta",
      paramLabel = "B",
      description = "Inverse temperature of ising or potts (default: of the phase transition).")
  private Optional<Double> beta = Optional.empty();

  @Option(
      names = "--anisotropy",
      paramLabel = "R",
      description = "Ising: vertical coupling, the horizontal one being 1 (default: 1).")
  private Optional<Double> anisotropy = Optional.empty();

  @Option(
      names = "--states",
      paramLabel = "Q",
      description = "Potts: states of a spin (default: 3).")
  private Optional<Integer> states = Optional.empty();

  @Option(
      names = "--scheme",
      required = true,
      paramLabel = "SCHEME",
      description = "trg, btrg, hotrg or ctmrg.")
  private LatticeScheme scheme = LatticeScheme.BTRG;

  @Option(
      names = "--chi",
      required = true,
      paramLabel = "N",
      description = "Largest bond dimension.")
  private int chi;

  @Option(
      names = "--discarded",
      paramLabel = "W",
      description = "Cut smaller bonds where this share of the squared norm is lost (default: 0).")
  private double discarded;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "So many steps, converged or not (default: until ln Z stays the same).")
  private Optional<Integer> steps = Optional.empty();

  public LatticeCommand(Streams streams) {
    super(streams);
  }

  @Override
  protected void run(Console console) {
    require(
        chi >= 2 && chi <= scheme.largestBond(),
        "--chi of %s must be 2 to %d, not %d".formatted(scheme, scheme.largestBond(), chi));
    require(
        discarded >= 0 && discarded < 1,
        "--discarded must be at least 0 and below 1, not " + discarded);
    steps.ifPresent(n -> require(n >= 1, "--steps must be at least 1, not " + n));
    Stopping stopping = steps.map(Stopping::after).orElse(scheme.converged());
    LatticeModel model = model();
    try (var _ = new TensorScope()) {
      long start = System.nanoTime();
      RenormalizationFlow<?> flow = scheme.run(model, new TruncationRule(chi, discarded), stopping);
      show(model, flow, (System.nanoTime() - start) * 1e-9, console);
    }
  }

  private LatticeModel model() {
    boolean thermal = name == Name.ISING || name == Name.POTTS;
    require(thermal || beta.isEmpty(), "%s has no temperature: leave --beta out".formatted(name));
    require(name == Name.POTTS || states.isEmpty(), "--states is for potts");
    require(name == Name.ISING || anisotropy.isEmpty(), "--anisotropy is for ising");
    beta.ifPresent(
        b -> require(b > 0 && b <= 20, "--beta must be above 0 and at most 20, not " + b));
    return switch (name) {
      case ISING -> ising();
      case POTTS -> potts();
      case DIMERS -> new Dimers();
      case ICE -> new SquareIce();
    };
  }

  private Ising ising() {
    double ratio = anisotropy.orElse(1.0);
    require(ratio >= 0.01 && ratio <= 100, "--anisotropy must be 0.01 to 100, not " + ratio);
    double b = beta.orElseGet(() -> Ising.criticalBeta(ratio));
    require(b * ratio <= 20, "--beta times --anisotropy must be at most 20");
    return new Ising(b, ratio * b);
  }

  private Potts potts() {
    int q = states.orElse(3);
    require(q >= 2 && q <= 16, "--states must be 2 to 16, not " + q);
    return beta.map(b -> new Potts(q, b)).orElseGet(() -> Potts.critical(q));
  }

  private void show(
      LatticeModel model, RenormalizationFlow<?> flow, double seconds, Console console) {
    OptionalDouble exact = model.exactLogZPerSite();
    Table table =
        Console.table("%s, %s, chi %d".formatted(name, scheme, chi), "")
            .row("ln Z per site", Table.decimals(flow.logZPerSite(), 15));
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", name.toString())
            .put("scheme", scheme.toString())
            .put("chi", chi)
            .put("steps", flow.steps())
            .put("log_z_per_site", flow.logZPerSite());
    if (exact.isPresent()) {
      double error = Math.abs(flow.logZPerSite() / exact.getAsDouble() - 1);
      table
          .row("exact", Table.decimals(exact.getAsDouble(), 15))
          .row("relative error", String.format(Locale.ROOT, "%.1e", error));
      json.put("exact", exact.getAsDouble()).put("relative_error", error);
    } else {
      table.row("exact", "-");
      json.putNull("exact").putNull("relative_error");
    }
    table.row("steps", flow.steps()).row("seconds", Table.decimals(seconds, 2));
    console.table(table);
    console.result(json.put("seconds", seconds));
  }
}
