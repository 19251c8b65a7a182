package io.karipap.compress.plan;

import io.karipap.checkpoint.form.EntropyCoding;
import io.karipap.compress.AllocationTrace;
import io.karipap.compress.Budget;
import io.karipap.compress.Progress;
import io.karipap.compress.QuantizationSpec;
import io.karipap.compress.calibrate.ReferenceModel;
import io.karipap.compress.cost.MatrixBudget;
import io.karipap.compress.fit.WeightedMatrices;
import io.karipap.compress.fit.WeightedMatrix;
import io.karipap.compress.flow.MeasuredCorrection;
import io.karipap.compress.progress.ProgressCounter;
import io.karipap.compress.quantize.MatrixQuantizer;
import io.karipap.model.calibrate.SingleMatrixKl;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.tensor.DType;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;

/**
 * Spends a budget of bytes on dense matrices whose integers go through an entropy coder.
 *
 * <p>Water-filling gives every number of the model the same loss theta. Where steps are as large as
 * the numbers this is not the best: then a byte buys more in one matrix than in another. So each
 * matrix is coded at several losses around the common one, its curve is corrected by the divergence
 * that one of them is measured to cause, and all are taken where a byte more buys the same. Of the
 * common loss and this choice, the one with the smaller divergence on held-out text is kept.
 *
 * @param model the original and the text that divergences are measured on
 * @param matrices in the metric in nats
 * @param budget in bytes
 * @param owner holds the matrices of the result
 */
public record CodedAllocator(
    ReferenceModel model,
    WeightedMatrices matrices,
    Budget budget,
    EntropyCoding coding,
    Progress progress,
    TensorOwner owner)
    implements Allocator {

  /** Losses that each matrix is coded at, against the common one: half a bit a number apart. */
  private static final List<Double> FACTORS = List.of(4.0, 2.0, 1.0, 0.5, 0.25);

  /** Calls in which the common loss, or the factor of all losses, is found. */
  private static final int SEARCHES = 8;

  /** Part of the budget that may be left over. */
  private static final double LEFT_OVER = 0.001;

  /** Where the search begins, in twice nats per token, and how wide its first step is. */
  private static final double FIRST_LOSS = 1e-8;

  private static final double FIRST_STEP = 4;

  /** Part of the way to the budget that a step of the search goes. */
  private static final double DAMPING = 0.9;

  /** All matrices, coded. */
  private record Coded(List<QuantizationSpec> specs, List<CodedPoint> points) {

    double bytes() {
      return points.stream().mapToDouble(CodedPoint::bytes).sum();
    }

    double loss() {
      return points.stream().mapToDouble(CodedPoint::loss).sum();
    }
  }

  @Override
  public Allocation allocate() {
    MatrixBudget bytes = MatrixBudget.of(budget, model.architecture(), model.weights());
    AllocationTrace trace = new AllocationTrace(new ArrayList<>(), new ArrayList<>());
    try (var workers = new Workers(Threads.available());
        var held = new TensorOwner()) {
      List<WeightedMatrix> weighted = matrices.holdInNats(workers, progress);
      Coding all = new Coding(weighted, bytes, workers, held);
      progress.stage("common loss", (long) SEARCHES * weighted.size());
      ProgressCounter done = new ProgressCounter(progress);
      Coded common = all.within(Collections.nCopies(weighted.size(), 1.0), FIRST_LOSS, done);
      double theta = ((QuantizationSpec.Coded) common.specs().getFirst()).loss();
      List<Dense> dense = all.dense(common);
      List<Double> factors = all.factors(theta, common, dense);
      progress.stage("rates", (long) SEARCHES * weighted.size());
      Coded chosen = all.within(factors, theta, new ProgressCounter(progress));
      Coded best = common;
      double least = all.divergence(common, dense, trace);
      if (all.divergence(chosen, all.dense(chosen), trace) < least) {
        best = chosen;
      }
      return allocation(weighted, best, trace);
    }
  }

  private Allocation allocation(List<WeightedMatrix> weighted, Coded best, AllocationTrace trace) {
    SequencedMap<String, Factorization> dense = new LinkedHashMap<>();
    Map<String, QuantizationSpec> numbers = new LinkedHashMap<>();
    for (int i = 0; i < weighted.size(); i++) {
      String name = weighted.get(i).name();
      dense.put(name, new Dense(owner.own(matrices.original(name))));
      numbers.put(name, best.specs().get(i));
    }
    return Allocation.of(dense, numbers, trace, owner);
  }

  /** The matrices, and what coding them takes. */
  private final class Coding {

    private final List<WeightedMatrix> weighted;
    private final MatrixBudget bytes;
    private final Workers workers;
    private final TensorOwner held;

    Coding(List<WeightedMatrix> weighted, MatrixBudget bytes, Workers workers, TensorOwner held) {
      this.weighted = weighted;
      this.bytes = bytes;
      this.workers = workers;
      this.held = held;
    }

    private QuantizationSpec spec(double loss) {
      // as a plan says it, so that a run with the plan codes the same
      return QuantizationSpec.parse(new QuantizationSpec.Coded(coding, loss).label());
    }

    private CodedPoint point(int i, QuantizationSpec spec) {
      WeightedMatrix matrix = weighted.get(i);
      try (var _ = new TensorScope()) {
        Factorization coded = MatrixQuantizer.round(new Dense(matrix.w()), matrix, spec);
        return new CodedPoint(
            ((QuantizationSpec.Coded) spec).loss(),
            bytes.cost().of(bytes.names().get(i), coded),
            matrix.loss(coded.to(DType.F64).matrix()));
      }
    }

    private Coded coded(List<Double> factors, double theta, ProgressCounter done) {
      List<QuantizationSpec> specs = factors.stream().map(f -> spec(f * theta)).toList();
      List<Callable<CodedPoint>> tasks = new ArrayList<>();
      for (int i = 0; i < specs.size(); i++) {
        int matrix = i;
        tasks.add(() -> {
          CodedPoint point = point(matrix, specs.get(matrix));
          done.add(weighted.get(matrix).name());
          return point;
        });
      }
      return new Coded(specs, workers.run(tasks));
    }

    /**
     * All matrices at multiples of the least theta that fits the budget, or of one below which
     * nothing is gained because integers are bytes.
     */
    Coded within(List<Double> factors, double start, ProgressCounter done) {
      double units = bytes.units();
      double low = 0; // too small a theta, if any is known
      double high = Double.POSITIVE_INFINITY; // one that fits
      double theta = start;
      double fewest = Double.POSITIVE_INFINITY; // bytes of those that do not fit
      Coded best = new Coded(List.of(), List.of());
      for (int i = 0; i < SEARCHES || best.specs().isEmpty(); i++) {
        Coded now = coded(factors, theta, done);
        if (now.bytes() <= units) {
          boolean better = best.specs().isEmpty() || now.loss() < best.loss();
          best = better ? now : best;
          if (!better || now.bytes() > (1 - LEFT_OVER) * units) {
            break;
          }
          high = theta;
        } else {
          if (now.bytes() >= fewest && high == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                "the budget is too small: integers that are all zero take more; keep more bytes");
          }
          fewest = now.bytes();
          low = theta;
        }
        theta = next(low, high, theta, now.bytes() / units);
      }
      return best;
    }

    /** Between what is known on both sides; until then by the slope of high rates. */
    private double next(double low, double high, double theta, double ratio) {
      if (low == 0) {
        return theta / FIRST_STEP;
      }
      if (high == Double.POSITIVE_INFINITY) {
        return theta * FIRST_STEP;
      }
      // half a bit a number for each factor of two, at a rate of about ratio times the budget's
      double bits =
          8.0 * bytes.units() / weighted.stream().mapToLong(WeightedMatrix::elements).sum();
      double aimed = theta * Math.pow(4, (ratio - 1 + LEFT_OVER / 2) * bits * DAMPING);
      double middle = Math.sqrt(low * high);
      return aimed > low && aimed < high ? aimed : middle;
    }

    /** By which each matrix's loss is to be multiplied so that a byte buys the same everywhere. */
    List<Double> factors(double theta, Coded common, List<Dense> dense) {
      progress.stage("rate and distortion", weighted.size());
      ProgressCounter done = new ProgressCounter(progress);
      SingleMatrixKl probe = model.probe(held);
      MeasuredCorrection correction = MeasuredCorrection.first(probe);
      List<Callable<CodedCurve>> tasks = new ArrayList<>();
      for (int i = 0; i < weighted.size(); i++) {
        int matrix = i;
        tasks.add(() -> {
          List<CodedPoint> points = new ArrayList<>();
          for (double factor : FACTORS) {
            points.add(
                factor == 1.0 ? common.points().get(matrix) : point(matrix, spec(factor * theta)));
          }
          String name = weighted.get(matrix).name();
          double loss = common.points().get(matrix).loss();
          CodedCurve curve =
              CodedCurve.of(points).scaled(correction.factor(name, dense.get(matrix), loss));
          done.add(name);
          return curve;
        });
      }
      return CodedCurve.equalSlopes(workers.run(tasks), bytes.units()).stream()
          .map(loss -> loss / theta)
          .toList();
    }

    /** The matrices as they will be computed with, contracted. */
    List<Dense> dense(Coded coded) {
      List<Callable<Dense>> tasks = new ArrayList<>();
      for (int i = 0; i < weighted.size(); i++) {
        WeightedMatrix matrix = weighted.get(i);
        QuantizationSpec spec = coded.specs().get(i);
        tasks.add(() -> {
          Factorization rounded = MatrixQuantizer.round(new Dense(matrix.w()), matrix, spec);
          return new Dense(held.own(rounded.matrix().to(DType.F32)));
        });
      }
      return workers.run(tasks);
    }

    /** KL divergence of the coded model on held-out text. */
    double divergence(Coded coded, List<Dense> dense, AllocationTrace trace) {
      Map<String, Factorization> replaced = new LinkedHashMap<>();
      for (int i = 0; i < dense.size(); i++) {
        replaced.put(weighted.get(i).name(), dense.get(i));
      }
      double kl = model.divergence(replaced);
      trace
          .divergences()
          .add(new AllocationTrace.Divergence(model.weights().parameters(), coded.loss(), kl));
      return kl;
    }
  }
}
