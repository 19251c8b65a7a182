package io.karipap.compress.cost;

import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Weights;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Nanoseconds that a generated token takes, measured on this machine: of the whole original, and of
 * the products of its shapes, dense and at some ranks. As in generation, weights do not come from
 * the cache: a measurement multiplies with different matrices, which together are as large as the
 * model.
 *
 * <p>Generation computes with float32 matrices, and contracts networks of many sites beforehand.
 * Quantized matrices and these networks cost as much as dense matrices.
 */
public final class LatencyCost implements CostModel {

  /**
   * Measured ranks, as shares of the largest rank that saves operations; times in between are
   * interpolated linearly.
   */
  private static final List<Double> RANKS = List.of(0.02, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0);

  /** Larger than any cache. */
  private static final long MOST_BYTES = 1L << 28;

  private static final int POSITIONS = 64;
  private static final int ROUNDS = 7;
  private static final int LEAST_PRODUCTS = 200;

  /** Stands for a matrix that is no pair. */
  private static final int DENSE = 0;

  private record Shape(int rows, int columns) {}

  private final boolean tied;
  private final long modelBytes;
  private final long fixed;

  private final Map<Shape, NavigableMap<Integer, Double>> times = new HashMap<>();

  private LatencyCost(Architecture architecture, Weights original) {
    tied = architecture.config().tiedEmbeddings();
    modelBytes = Math.min(MOST_BYTES, 4 * original.parameters());
    List<MatrixSpec> names = architecture.matrices();
    names.forEach(
        name -> times.computeIfAbsent(new Shape(name.rows(), name.columns()), this::measured));
    double products =
        names.stream().mapToDouble(name -> of(name, original.matrix(name.name()))).sum();
    fixed = Math.round(Math.max(0, token(architecture, original) - products));
  }

  /** Measures for some seconds. Nothing else should run at the same time. */
  public static LatencyCost measure(Architecture architecture, Weights original) {
    try (var _ = new TensorScope();
        var _ = Autograd.off()) {
      return new LatencyCost(architecture, original);
    }
  }

  /** Norms, attention and all else. */
  @Override
  public long fixed() {
    return fixed;
  }

  @Override
  public long of(MatrixSpec matrix, Factorization f) {
    if (matrix.role() == Role.EMBED && !tied) {
      return 0; // a row is copied, or made of a few numbers
    }
    int rank =
        switch (f.structure()) {
          case LowRank pair -> pair.rank();
          case Dense _, BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sum _, Sparse _ ->
              DENSE;
        };
    return Math.round(time(new Shape(matrix.rows(), matrix.columns()), rank));
  }

  private double time(Shape shape, int rank) {
    NavigableMap<Integer, Double> known = Objects.requireNonNull(times.get(shape));
    var above = Optional.ofNullable(known.ceilingEntry(rank)).orElse(known.lastEntry());
    var below = known.floorEntry(rank);
    if (below.getKey() == DENSE || below.getKey().equals(above.getKey())) {
      return rank == DENSE ? below.getValue() : above.getValue();
    }
    double part = (rank - below.getKey()) / (double) (above.getKey() - below.getKey());
    return (1 - part) * below.getValue() + part * above.getValue();
  }

  private NavigableMap<Integer, Double> measured(Shape shape) {
    NavigableMap<Integer, Double> byRank = new TreeMap<>();
    byRank.put(DENSE, product(shape, DENSE));
    double largest = (double) shape.rows() * shape.columns() / (shape.rows() + shape.columns());
    RANKS.forEach(part -> {
      int rank = (int) Math.max(1, part * largest);
      byRank.computeIfAbsent(rank, r -> product(shape, r));
    });
    return byRank;
  }

  /** The fastest of some rounds over matrices that together are as large as the model. */
  private double product(Shape shape, int rank) {
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(0);
      Tensor x = random.normal(DType.F32, 1, shape.columns());
      long numbers =
          rank == DENSE
              ? (long) shape.rows() * shape.columns()
              : (long) rank * (shape.rows() + shape.columns());
      long copies = Math.max(1, modelBytes / (4 * numbers));
      List<Factorization> matrices = new ArrayList<>();
      for (int i = 0; i < copies; i++) {
        matrices.add(
            rank == DENSE
                ? new Dense(random.normal(DType.F32, shape.rows(), shape.columns()))
                : new LowRank(
                    random.normal(DType.F32, shape.rows(), rank),
                    random.normal(DType.F32, rank, shape.columns())));
      }
      long passes = Math.ceilDiv(LEAST_PRODUCTS, copies);
      double best = Double.POSITIVE_INFINITY;
      for (int round = 0; round < ROUNDS; round++) {
        long start = System.nanoTime();
        for (int pass = 0; pass < passes; pass++) {
          for (Factorization matrix : matrices) {
            try (var _ = new TensorScope()) {
              var _ = matrix.apply(x);
            }
          }
        }
        best = Math.min(best, (System.nanoTime() - start) / (double) (passes * copies));
      }
      return best;
    }
  }

  /** Time of a token of the whole model after a few others. */
  private static double token(Architecture architecture, Weights weights) {
    Decoder decoder = new Decoder(architecture, weights);
    int positions = Math.min(POSITIONS, architecture.config().contextLength());
    double best = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
      try (var _ = new TensorScope();
          var cache = new KeyValueCache(architecture, positions)) {
        long start = System.nanoTime();
        for (int i = 0; i < positions; i++) {
          try (var _ = new TensorScope()) {
            var _ =
                decoder.next(
                    Tensor.of(new long[] {i % architecture.config().vocabularySize()}, 1, 1),
                    cache);
          }
        }
        best = Math.min(best, (System.nanoTime() - start) / (double) positions);
      }
    }
    return best;
  }
}
