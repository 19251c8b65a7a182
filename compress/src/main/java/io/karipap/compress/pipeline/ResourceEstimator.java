package io.karipap.compress.pipeline;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.CompressionRequest;
import io.karipap.compress.CostUnit;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.ResourceEstimate;
import io.karipap.compress.calibrate.CalibrationSplit;
import io.karipap.compress.plan.MeasuredChoice;
import io.karipap.compress.store.SystemMemory;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Space;
import io.karipap.tensor.DType;
import io.karipap.tensor.FastType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Estimates what a compression will take: operations of every stage over the rate at which this
 * machine multiplies matrices at the moment. The factors are those of measured runs.
 */
final class ResourceEstimator {

  /** Rows of a product that the rate is measured by. */
  private static final int SIZE = 512;

  private static final int RUNS = 5;

  /** Bytes of text for a token. */
  private static final double BYTES_PER_TOKEN = 3.5;

  /** Products of a matrix's size with its metric's in an iteration of a fit, as time goes. */
  private static final double PASSES = 15;

  /** Iterations that truncations, decompositions and probes take the time of. */
  private static final int OTHER_ITERATIONS = 55;

  /** Short fits that bases are compared by, the fit, and unequal ends: against one whole fit. */
  private static final double FITS = 1.6;

  /** First networks, truncations and their refits, last fits: against one whole fit. */
  private static final double FLOW = 2.5;

  /** Seconds for rounding a number with its errors fed back, all formats of a planner together. */
  private static final double ROUNDING = 4e-5;

  /** Seconds of a processor for a number behind an entropy coder, at all losses tried. */
  private static final double CODING = 5e-5;

  /** The part of the multiplication rate that whole models reach. */
  private static final double MODEL_RATE = 0.5;

  /** The same of the products that second moments consist of: in float64, of single sequences. */
  private static final double MOMENT_RATE = 0.25;

  /** What the program and its libraries take, and what is left of freed memory. */
  private static final long BASE = 350L << 20;

  /** What the tracks of a flow, and memory between its stages, take on top of that. */
  private static final long FLOW_BASE = 2000L << 20;

  private ResourceEstimator() {}

  /**
   * The estimate of a request.
   *
   * @param architecture of its model
   * @throws CheckpointException if the text cannot be read
   */
  static ResourceEstimate estimate(CompressionRequest request, Architecture architecture) {
    List<MatrixSpec> names = architecture.matrices();
    double tokens = Math.min(request.calibration().tokens(), textTokens(request));
    double elements = sum(names, m -> 1.0 * m.rows() * m.columns());
    boolean planned = request.allocation().planning().isPresent();
    double exact = rate(DType.F32);
    double fast = rate(FastType.ofMachine());
    // a forward pass multiplies twice for an element and token; gradients are of a quarter of them
    double seen = 2 * elements * tokens * (planned ? 1 + 3.0 / 4 : 1) / (MODEL_RATE * exact);
    double moments = 2 * tokens * inputElements(names) / (MOMENT_RATE * exact);
    double fits =
        (request.fit().iterations() + OTHER_ITERATIONS)
            * sum(
                names,
                m -> m.inBlock() ? PASSES * m.rows() * m.columns() * (m.rows() + m.columns()) : 0)
            * (iterative(request) ? planned ? FLOW : FITS : 0)
            / exact;
    // forward passes from the exchanged matrix on: on average, of half of the model and the head
    double probes =
        planned
            ? probes(request)
                * names.size()
                * CalibrationSplit.PROBE_TOKENS
                * 1.5
                * elements
                / (MODEL_RATE * exact)
            : 0;
    double codes =
        coded(request)
            ? CODING * elements / Threads.available()
            : planned && request.allocation().budget().unit().paysCodes() ? ROUNDING * elements : 0;
    // the teacher's forward pass, and the student's with its gradients
    double healing = request.run().healTokens() * (2 + 6) * elements / (MODEL_RATE * fast);
    return new ResourceEstimate(
        seen + moments + fits + probes + codes + healing,
        bytes(request, tokens, architecture.config(), names),
        SystemMemory.available());
  }

  /** How often a matrix is probed: for its sensitivity, and by a planner's corrections. */
  private static double probes(CompressionRequest request) {
    return coded(request) || request.allocation().budget().unit() == CostUnit.PARAMETERS
        ? 1
        : MeasuredChoice.ROUNDS;
  }

  private static boolean coded(CompressionRequest request) {
    return request.allocation().coding().isPresent();
  }

  private static boolean iterative(CompressionRequest request) {
    return !coded(request)
        && request.fit().form() != FactorizationKind.LOWRANK
        && request.fit().form() != FactorizationKind.DENSE
        && request.allocation().budget().unit().paysNetworks();
  }

  private static long bytes(
      CompressionRequest request, double tokens, ModelConfig config, List<MatrixSpec> names) {
    double elements = sum(names, m -> 1.0 * m.rows() * m.columns());
    boolean planned = request.allocation().planning().isPresent();
    double metrics =
        sum(names, m -> m.inBlock() ? 24.0 * m.columns() * m.columns() : 0)
            + (planned ? sum(names, m -> m.inBlock() ? 24.0 * m.rows() * m.rows() : 0) : 0);
    double largest = names.stream().mapToDouble(MatrixSpec::elements).max().orElse(0);
    double worker = (planned ? 96 : 12) * 8 * largest;
    // the residual stream between two blocks
    double streams = 4 * tokens * config.hiddenSize();
    // a probe's log-probabilities, and states between all blocks
    double probe =
        planned
            ? 4.0
                * CalibrationSplit.PROBE_TOKENS
                * (config.vocabularySize() + (config.layers() + 1.0) * config.hiddenSize())
            : 0;
    // original in three types; variables, two moments, and a gradient for each worker
    double healing = request.run().healTokens() > 0 ? elements * (12 + 4 * Threads.available()) : 0;
    return BASE
        + (planned ? FLOW_BASE : 0)
        + (long)
            (12 * elements + metrics + streams + probe + Threads.available() * worker + healing);
  }

  /** Elements of the second moments of all inputs; layers behind one norm share an input. */
  private static double inputElements(List<MatrixSpec> names) {
    record Input(int block, Space space, Optional<String> norm) {}
    return names.stream()
        .filter(MatrixSpec::inBlock)
        .map(m -> new Input(m.block(), m.input(), m.norm()))
        .distinct()
        .mapToDouble(input -> Math.pow(input.space().size(), 2))
        .sum();
  }

  private static double textTokens(CompressionRequest request) {
    try {
      return Files.size(request.calibration().file()) / BYTES_PER_TOKEN;
    } catch (IOException e) {
      throw new CheckpointException(
          "the text " + request.calibration().file() + " cannot be read: " + e.getMessage());
    }
  }

  private static double sum(List<MatrixSpec> names, ToDoubleFunction<MatrixSpec> of) {
    return names.stream().mapToDouble(of).sum();
  }

  /** Operations a second that all processors do together. */
  private static double rate(DType type) {
    try (var _ = new TensorScope()) {
      Tensor a = new RandomTensors(0).normal(DType.F32, SIZE, SIZE).to(type);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        try (var _ = new TensorScope()) {
          var _ = a.matmul(a);
        }
        best = Math.min(best, (System.nanoTime() - start) * 1e-9);
      }
      return Threads.available() * 2.0 * SIZE * SIZE * SIZE / best;
    }
  }
}
