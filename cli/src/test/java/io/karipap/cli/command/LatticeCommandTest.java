package io.karipap.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.karipap.cli.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatticeCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ising --beta 0.4406867935097715 --scheme trg --chi 8|0.9296953983416101|1.4e-4",
        "ising --beta 0.4406867935097715 --scheme btrg --chi 8|0.9296953983416101|2.2e-5",
        "ising --beta 0.4406867935097715 --scheme hotrg --chi 8|0.9296953983416101|2.8e-5",
        "ising --scheme CTMRG --chi 8|0.9296953983416101|6.8e-6",
        "ising --anisotropy 0.5 --scheme ctmrg --chi 8 --steps 60|0.9592402952306051|1e-4",
        "dimers --scheme btrg --chi 8|0.2915609040308188|5e-3",
        "ice --scheme trg --chi 8|0.4315231086776713|5e-3",
        "potts --states 2 --scheme btrg --chi 8|1.8110689853611531|1e-4",
      })
  void comparesWithTheExactSolution(String arguments, double exact, double error) {
    JsonNode json = Call.of((Object[]) ("lattice " + arguments + " --json").split(" ")).json();

    assertThat(json.path("exact").asDouble()).isCloseTo(exact, within(1e-13));
    assertThat(json.path("relative_error").asDouble()).isBetween(1e-12, error);
    double logZ = json.path("log_z_per_site").asDouble();
    assertThat(Math.abs(logZ / exact - 1))
        .isCloseTo(json.path("relative_error").asDouble(), within(1e-12));
    assertThat(json.path("seconds").asDouble()).isPositive();
    assertThat(json.path("steps").asInt()).isPositive();
  }

  @Test
  void saysSoWhereNoExactSolutionIsKnown() {
    JsonNode json =
        Call.of("lattice", "potts", "--beta", "0.9", "--scheme", "trg", "--chi", "4", "--json")
            .json();

    assertThat(json.path("exact").isNull()).isTrue();
    assertThat(json.path("relative_error").isNull()).isTrue();
    assertThat(json.path("log_z_per_site").asDouble()).isPositive();
  }

  @Test
  void printsATableForPeople() {
    Call call = Call.of("lattice", "ising", "--scheme", "btrg", "--chi", "4", "--steps", "20");

    assertThat(call.status()).isZero();
    assertThat(call.out())
        .contains("ising, btrg, chi 4", "ln Z per site", "exact", "relative error", "steps");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "cube --scheme trg --chi 4|Invalid value for positional parameter",
        "ising --scheme mps --chi 4|Invalid value for option '--scheme'",
        "ising --scheme trg|Missing required option: '--chi=N'",
        "ising --scheme trg --chi 1|--chi of trg must be 2 to 128",
        "ising --scheme trg --chi 4000|--chi of trg must be 2 to 128",
        "ising --beta 0 --scheme trg --chi 4|--beta must be above 0",
        "ising --beta NaN --scheme trg --chi 4|--beta must be above 0",
        "ising --beta hot --scheme trg --chi 4|Invalid value for option '--beta'",
        "ising --anisotropy -1 --scheme trg --chi 4|--anisotropy must be 0.01 to 100",
        "ising --states 3 --scheme trg --chi 4|--states is for potts",
        "potts --states 1 --scheme trg --chi 4|--states must be 2 to 16",
        "potts --anisotropy 2 --scheme trg --chi 4|--anisotropy is for ising",
        "dimers --beta 1 --scheme trg --chi 4|dimers has no temperature",
        "ising --steps 0 --scheme trg --chi 4|--steps must be at least 1",
        "ising --discarded 1 --scheme trg --chi 4|--discarded must be at least 0 and below 1",
      })
  void wrongCalls(String arguments, String message) {
    Call call = Call.of((Object[]) ("lattice " + arguments + " --json").split(" "));

    assertThat(call.err()).startsWith("karipap: ").contains(message).hasLineCount(1);
    assertThat(call.err()).endsWith("see karipap help lattice\n");
    assertThat(call.status()).isEqualTo(2);
    assertThat(call.out()).isEmpty();
  }
}
