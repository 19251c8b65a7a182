package io.karipap.compress;

import io.karipap.model.Decoder;
import io.karipap.model.MatrixName;
import io.karipap.model.StoredFactorization;
import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import java.util.Locale;

/** What a budget limits, and what a factorisation costs of it. */
public enum Currency {
  /** Stored numbers, scales and zero points included. */
  PARAMETERS,
  /** Bytes as they are written. */
  BYTES,
  /** Multiplications a token: a network costs its contracted matrix if that is cheaper. */
  OPERATIONS,
  /** Bytes that a token's pass reads: all but the rows of embeddings that are not looked up. */
  READS;

  /** Its name in messages. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a matrix costs. */
  long cost(MatrixName matrix, boolean tied, Factorization f) {
    boolean lookedUp = matrix.name().equals(Decoder.EMBEDDINGS) && !tied;
    return switch (this) {
      case PARAMETERS -> f.parameters();
      case BYTES -> StoredFactorization.bytes(f);
      case OPERATIONS -> lookedUp ? multipliedRows(f) : Math.min(f.multiplications(), f.elements());
      case READS -> {
        double part = lookedUp ? touched(f) : 1;
        yield (long) Math.ceil(part * StoredFactorization.bytes(f));
      }
    };
  }

  /** Multiplications that make one row of a table: none if it is stored as it is. */
  private static long multipliedRows(Factorization f) {
    long whole = f.multiplications();
    return whole >= f.elements() ? 0 : whole - numbersByRow(f) + numbersByRow(f) / f.rows();
  }

  /** Part of a table's numbers that one row is made of. */
  private static double touched(Factorization f) {
    double all = structure(f).parameters();
    double byRow = numbersByRow(f);
    return (all - byRow + byRow / f.rows()) / all;
  }

  private static long numbersByRow(Factorization f) {
    return structure(f).cores().getFirst().elements();
  }

  private static Factorization structure(Factorization f) {
    return f instanceof Quantized coded ? coded.structure() : f;
  }
}
