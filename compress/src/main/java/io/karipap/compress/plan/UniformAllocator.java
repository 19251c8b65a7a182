package io.karipap.compress.plan;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.VectorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Gives every matrix of the blocks the same share of its parameters, so that the whole model meets
 * its target.
 *
 * <p>Budgets do not depend on the form: they are the sizes of low-rank factorizations, rank (m +
 * n), whose ranks are rounded down and then raised one by one until nothing more fits. So every
 * form competes at the same size, matrix by matrix. Vectors are kept; embeddings and head are kept
 * too while that leaves the blocks {@link #LEAST_SHARE} of their fair share, and share the cut
 * otherwise.
 *
 * @param target share of the model's parameters
 * @param form of the matrices that are cut, in the blocks
 * @param reserved numbers of the target that are not for the matrices
 */
public record UniformAllocator(
    Architecture architecture, double target, FactorizationKind form, long reserved)
    implements Allocator {

  private static final double LEAST_SHARE = 0.6;

  /** The plan of a model that stores nothing but its matrices and vectors. */
  public static Plan plan(Architecture architecture, double target, FactorizationKind form) {
    return new UniformAllocator(architecture, target, form, 0).allocate().plan();
  }

  @Override
  public Allocation allocate() {
    List<MatrixSpec> all = architecture.matrices();
    long vectors = architecture.vectors().stream().mapToLong(VectorSpec::size).sum();
    long elements = all.stream().mapToLong(MatrixSpec::elements).sum();
    long budget = (long) Math.floor(target * (elements + vectors)) - vectors - reserved;
    long outside = all.stream().filter(m -> !m.inBlock()).mapToLong(MatrixSpec::elements).sum();
    double share = (double) (budget - outside) / (elements - outside);
    boolean keepOutside = share >= LEAST_SHARE * target;
    List<MatrixSpec> cut = all.stream().filter(m -> m.inBlock() || !keepOutside).toList();
    List<Long> budgets = budgets(cut, keepOutside ? budget - outside : budget);
    List<Plan.Entry> entries = new ArrayList<>();
    for (MatrixSpec matrix : all) {
      int i = cut.indexOf(matrix);
      long size = i < 0 ? matrix.elements() : budgets.get(i);
      boolean dense = size >= matrix.elements();
      FactorizationKind chosen =
          dense ? FactorizationKind.DENSE : matrix.inBlock() ? form : FactorizationKind.LOWRANK;
      entries.add(new Plan.Entry(matrix.name(), chosen.label(), size));
    }
    return Allocation.of(new Plan(target, entries));
  }

  private static List<Long> budgets(List<MatrixSpec> matrices, long total) {
    long elements = matrices.stream().mapToLong(MatrixSpec::elements).sum();
    if (total >= elements) {
      return matrices.stream().map(MatrixSpec::elements).toList();
    }
    double share = (double) total / elements;
    int[] ranks =
        matrices.stream().mapToInt(m -> (int) Math.floor(share * m.elements() / unit(m))).toArray();
    long left = total;
    for (int i = 0; i < ranks.length; i++) {
      left -= ranks[i] * unit(matrices.get(i));
    }
    // largest remainders first; the order of the model decides between equal ones
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      order.add(i);
    }
    order.sort(
        Comparator.comparingDouble(
            i -> ranks[i] - share * matrices.get(i).elements() / unit(matrices.get(i))));
    for (int i : order) {
      if (unit(matrices.get(i)) <= left) {
        ranks[i]++;
        left -= unit(matrices.get(i));
      }
    }
    for (int rank : ranks) {
      if (rank < 1) {
        throw new IllegalArgumentException(
            "the target is too small: it leaves some matrix less than rank 1; keep more parameters");
      }
    }
    List<Long> budgets = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      budgets.add(Math.min(ranks[i] * unit(matrices.get(i)), matrices.get(i).elements()));
    }
    return budgets;
  }

  /** Parameters of one rank. */
  private static long unit(MatrixSpec matrix) {
    return (long) matrix.rows() + matrix.columns();
  }
}
