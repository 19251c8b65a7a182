package io.karipap.compress;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.compress.cost.CostModel;
import io.karipap.compress.cost.LatencyCost;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.io.StoredFactorization;
import io.karipap.network.Factorization;
import io.karipap.tensor.Tensor;
import java.util.Locale;

/** What a budget limits, and what a factorisation costs of it. */
public enum CostUnit {
  /** Stored numbers, scales and zero points included. */
  PARAMETERS,
  /** Bytes as they are written. */
  BYTES,
  /** Multiplications a token: a network costs its contracted matrix if that is cheaper. */
  OPERATIONS,
  /** Bytes that a token's pass reads: all but the rows of embeddings that are not looked up. */
  READS,
  /** Measured time of a generated token, in nanoseconds. */
  TIME;

  /** Its name in messages. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether networks of many sites can be worth it: contracted, they multiply as dense ones do. */
  public boolean paysNetworks() {
    return switch (this) {
      case PARAMETERS, BYTES, READS -> true;
      case OPERATIONS, TIME -> false;
    };
  }

  /** Whether numbers cost less when they are coded in few bits. */
  public boolean paysCodes() {
    return switch (this) {
      case BYTES, READS -> true;
      case PARAMETERS, OPERATIONS, TIME -> false;
    };
  }

  /** What an original and what becomes of its matrices cost. Time is measured here and now. */
  public CostModel price(ModelConfig config, Weights original) {
    boolean tied = config.tiedEmbeddings();
    long vectors = original.vectors().values().stream().mapToLong(Tensor::elements).sum();
    return switch (this) {
      case PARAMETERS -> counted(vectors, tied);
      case BYTES, READS -> counted(4 * vectors, tied);
      case OPERATIONS -> counted(0, tied);
      case TIME -> LatencyCost.measure(config, original);
    };
  }

  private CostModel counted(long fixed, boolean tied) {
    return new CostModel() {
      @Override
      public long fixed() {
        return fixed;
      }

      @Override
      public long of(MatrixSpec matrix, Factorization f) {
        return count(matrix, tied, f);
      }
    };
  }

  /**
   * What a matrix counts.
   *
   * @throws IllegalArgumentException for time, which is not counted
   */
  public long count(MatrixSpec matrix, boolean tied, Factorization f) {
    boolean lookedUp = matrix.name().equals(Decoder.EMBEDDINGS) && !tied;
    return switch (this) {
      case PARAMETERS -> f.parameters();
      case BYTES -> StoredFactorization.bytes(f);
      case OPERATIONS -> lookedUp ? multipliedRows(f) : Math.min(f.multiplications(), f.elements());
      case READS -> {
        long bytes = 0;
        for (Factorization term : f.terms()) {
          double part = lookedUp ? touched(term) : 1;
          bytes += (long) Math.ceil(part * StoredFactorization.bytes(term));
        }
        yield bytes;
      }
      case TIME -> throw new IllegalArgumentException("time is measured, not counted");
    };
  }

  /** Multiplications that make one row of a table: none if it is stored as it is. */
  private static long multipliedRows(Factorization f) {
    long whole = f.multiplications();
    return whole >= f.elements() ? 0 : whole - numbersByRow(f) + numbersByRow(f) / f.rows();
  }

  /** Part of a table's numbers that one row is made of. */
  private static double touched(Factorization f) {
    double all = f.structure().parameters();
    double byRow = numbersByRow(f);
    return (all - byRow + byRow / f.rows()) / all;
  }

  private static long numbersByRow(Factorization f) {
    return f.structure().cores().getFirst().elements();
  }
}
