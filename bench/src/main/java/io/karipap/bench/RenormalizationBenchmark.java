package io.karipap.bench;

import io.karipap.bench.training.Gemm;
import io.karipap.network.rg.Btrg;
import io.karipap.network.rg.Plaquette;
import io.karipap.network.rg.RenormalizationFlow;
import io.karipap.network.rg.Stopping;
import io.karipap.network.rg.TruncationRule;
import io.karipap.network.rg.lattice.Ising;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.util.Locale;

/**
 * How fast BTRG renormalizes the critical Ising model in float64, and how fast its contraction is
 * beside the product of matrices that most of it consists of.
 */
final class RenormalizationBenchmark {

  private static final int BOND = 32;
  private static final int STEPS = 25;
  private static final int RUNS = 12;

  private RenormalizationBenchmark() {}

  /** Prints a table. */
  static void run() {
    Ising ising = Ising.isotropic(Ising.CRITICAL);
    double exact = ising.exactLogZPerSite().orElseThrow();
    Gemm gemm = new Gemm(BOND * BOND, BOND * BOND, BOND * BOND);
    double limit = gemm.operations() / gemm.seconds(DType.F64);
    double contraction = contractionRate();
    try (var _ = new TensorScope()) {
      long start = System.nanoTime();
      RenormalizationFlow<Btrg> flow =
          RenormalizationFlow.run(
              Btrg.of(ising.site()), TruncationRule.toBond(BOND), Stopping.after(STEPS));
      double seconds = (System.nanoTime() - start) * 1e-9;
      System.out.println("| critical Ising model, float64 | |");
      System.out.println("|---|---|");
      row("threads of the kernels", "%d", Threads.inUse());
      row("GEMM of 1024 x 1024 matrices, GFLOP/s", "%.1f", limit * 1e-9);
      row("contraction of a plaquette at chi 32, GFLOP/s", "%.1f", contraction * 1e-9);
      row("of GEMM", "%.0f %%", 100 * contraction / limit);
      row("BTRG at chi 32, 25 steps, seconds", "%.2f", seconds);
      row("its relative error of ln Z per site", "%.1e", Math.abs(flow.logZPerSite() / exact - 1));
    }
  }

  private static void row(String name, String format, Object value) {
    System.out.printf(Locale.ROOT, "| %s | " + format + " |%n", name, value);
  }

  /** Operations per second: one product of chi^6 multiplications and two of chi^5. */
  private static double contractionRate() {
    double operations = 2 * (Math.pow(BOND, 6) + 2 * Math.pow(BOND, 5));
    try (var _ = new TensorScope()) {
      RandomTensors random = new RandomTensors(1);
      Tensor half = random.normal(DType.F64, BOND, BOND, BOND);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        try (var _ = new TensorScope()) {
          var _ = Plaquette.contract(half, half, half, half);
        }
        best = Math.min(best, (System.nanoTime() - start) * 1e-9);
      }
      return operations / best;
    }
  }
}
