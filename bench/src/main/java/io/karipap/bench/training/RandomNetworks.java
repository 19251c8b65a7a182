package io.karipap.bench.training;

import io.karipap.checkpoint.form.BlockShape;
import io.karipap.checkpoint.form.Lattice;
import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.compress.SiteGrid;
import io.karipap.compress.plan.UniformAllocator;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.fit.LatticeSearch;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Compressed models of random numbers, with the shapes that a compression to the same target gives.
 * The cost of a training step depends on the shapes only.
 */
public final class RandomNetworks {

  /** Standard deviation of the elements of an untrained matrix. */
  private static final double STANDARD_DEVIATION = 0.02;

  /** Blocks on a side of a block tensor train: the middle one of the numbers that a fit tries. */
  private static final int BLOCKS = 4;

  private static final SiteGrid MPO = new SiteGrid(1, 3);

  private RandomNetworks() {}

  /**
   * The parameters of a compressed model in float32; norm gains are 1, biases 0.
   *
   * @param target share of the original's parameters that is kept; embeddings and head are low rank
   *     where they are cut at all
   * @param form of the matrices of the blocks, any but auto and cell
   * @throws IllegalArgumentException if no network of that form is as small as that
   */
  public static Weights of(
      Architecture architecture, double target, FactorizationKind form, long seed) {
    Plan plan =
        UniformAllocator.plan(architecture, form == FactorizationKind.DENSE ? 1 : target, form);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    List<MatrixSpec> names = architecture.matrices();
    for (int i = 0; i < names.size(); i++) {
      Plan.Entry entry = plan.matrices().get(i);
      MatrixSpec matrix = names.get(i);
      matrices.put(
          matrix.name(),
          network(
              matrix.rows(),
              matrix.columns(),
              FactorizationKind.of(entry.form()),
              entry.budget(),
              random));
    }
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    architecture
        .vectors()
        .forEach(vector ->
            vectors.put(
                vector.name(), Tensor.full(vector.isGain() ? 1 : 0, DType.F32, vector.size())));
    return new Weights(matrices, vectors);
  }

  private static Factorization network(
      int m, int n, FactorizationKind form, long budget, RandomGenerator random) {
    return switch (form) {
      case DENSE -> new Dense(cores(random, 1, new long[] {m, n}).getFirst());
      case LOWRANK -> {
        long rank = Math.max(1, budget / (m + n));
        List<Tensor> cores =
            cores(random, (double) rank, new long[] {m, rank}, new long[] {rank, n});
        yield new LowRank(cores.get(0), cores.get(1));
      }
      case BTT -> {
        int rows = Math.ceilDiv(m, BLOCKS);
        int columns = Math.ceilDiv(n, BLOCKS);
        int rank = (int) Math.max(1, budget / ((long) BLOCKS * BLOCKS * (rows + columns)));
        BlockShape shape = new BlockShape(rows, BLOCKS, BLOCKS, columns, rank, m, n);
        List<Tensor> cores = cores(random, rank, shape.left(), shape.right());
        yield new BlockTensorTrain(shape, cores.get(0), cores.get(1));
      }
      case MPO -> lattice(m, n, MPO, budget, random);
      case RING, PEPO -> lattice(m, n, SiteGrid.RING, budget, random);
      case AUTO, CELL ->
          throw new IllegalArgumentException(form.label() + " is no form of one matrix");
    };
  }

  private static Factorization lattice(
      int m, int n, SiteGrid grid, long budget, RandomGenerator random) {
    Lattice lattice =
        LatticeSearch.candidates(m, n, grid.rows(), grid.columns(), budget).stream()
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no %d x %d lattice holds a %d x %d matrix with %d parameters: keep more"
                        .formatted(grid.rows(), grid.columns(), m, n, budget)));
    double terms =
        lattice.bondDimensions().stream()
            .mapToDouble(Integer::doubleValue)
            .reduce(1, (a, b) -> a * b);
    long[][] shapes = new long[lattice.sites()][];
    Arrays.setAll(shapes, lattice::shape);
    return new Pepo(lattice, cores(random, terms, shapes));
  }

  /** Cores whose network has elements of the usual deviation. */
  private static List<Tensor> cores(RandomGenerator random, double terms, long[]... shapes) {
    double deviation =
        Math.pow(STANDARD_DEVIATION * STANDARD_DEVIATION / terms, 0.5 / shapes.length);
    List<Tensor> cores = new ArrayList<>();
    for (long[] shape : shapes) {
      Tensor core = Tensor.zeros(DType.F32, shape);
      // written where they stay: no array beside them that would count as memory of the training
      MemorySegment elements = core.segment();
      for (long i = 0; i < core.elements(); i++) {
        elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (deviation * random.nextGaussian()));
      }
      cores.add(core);
    }
    return cores;
  }
}
