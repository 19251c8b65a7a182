package io.karipap.compress.cost;

import io.karipap.compress.CostUnit;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.network.Factorization;

/**
 * A cost that is counted: numbers, bytes, or multiplications of a token.
 *
 * @param unit any but {@link CostUnit#TIME}, which is measured
 * @param fixed units of all that is not a matrix
 * @param tied whether the embeddings are the head too
 */
public record CountedCost(CostUnit unit, long fixed, boolean tied) implements CostModel {

  /**
   * Checks the unit.
   *
   * @throws IllegalArgumentException for time, which is not counted
   */
  public CountedCost {
    if (unit == CostUnit.TIME) {
      throw new IllegalArgumentException("time is measured, not counted");
    }
  }

  @Override
  public long of(MatrixSpec matrix, Factorization f) {
    boolean lookedUp = matrix.role() == Role.EMBED && !tied;
    return switch (unit) {
      case PARAMETERS -> f.parameters();
      case BYTES -> f.form().bytes();
      case OPERATIONS -> lookedUp ? multipliedRows(f) : Math.min(f.multiplications(), f.elements());
      case READS -> {
        long bytes = 0;
        for (Factorization term : f.terms()) {
          double part = lookedUp ? touched(term) : 1;
          bytes += (long) Math.ceil(part * term.form().bytes());
        }
        yield bytes;
      }
      case TIME -> throw new IllegalStateException("time is measured, not counted");
    };
  }

  /** Multiplications for one row of an embedding table: none if the row is stored. */
  private static long multipliedRows(Factorization f) {
    long whole = f.multiplications();
    return whole >= f.elements() ? 0 : whole - numbersByRow(f) + numbersByRow(f) / f.rows();
  }

  /** Share of the table's numbers that one row is computed from. */
  private static double touched(Factorization f) {
    double all = f.structure().parameters();
    double byRow = numbersByRow(f);
    return (all - byRow + byRow / f.rows()) / all;
  }

  private static long numbersByRow(Factorization f) {
    return f.structure().cores().getFirst().elements();
  }
}
