package io.karipap.network.fit.site;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A matrix, and a metric, seen from one site of a lattice: o and i are the output and input of the
 * site, O and J those of all other sites together, b its bonds together.
 *
 * @param lattice the grid
 * @param site the site
 */
record SiteLayout(Lattice lattice, int site) {

  long outputs() {
    return lattice.outputs().get(site);
  }

  long inputs() {
    return lattice.inputs().get(site);
  }

  long bonds() {
    return lattice.parameters(site) / outputs() / inputs();
  }

  long otherOutputs() {
    return lattice.paddedRows() / outputs();
  }

  long otherInputs() {
    return lattice.paddedColumns() / inputs();
  }

  /** From a matrix [m, n] to [o, O, i, J], zeros for padding. */
  Tensor unfold(Tensor matrix) {
    return matrix
        .padTo(lattice.paddedRows(), lattice.paddedColumns())
        .reshape(legs())
        .permute(order())
        .reshape(outputs(), otherOutputs(), inputs(), otherInputs());
  }

  /** From [o, O, i, J] to a matrix [m, n], the padding dropped. */
  Tensor fold(Tensor unfolded) {
    long[] order = order();
    long[] legs = legs();
    long[] permuted = new long[order.length];
    long[] inverse = new long[order.length];
    for (int k = 0; k < order.length; k++) {
      permuted[k] = legs[(int) order[k]];
      inverse[(int) order[k]] = k;
    }
    return unfolded
        .reshape(permuted)
        .permute(inverse)
        .reshape(lattice.paddedRows(), lattice.paddedColumns())
        .narrow(0, 0, lattice.matrixRows())
        .narrow(1, 0, lattice.matrixColumns());
  }

  /** From a metric [n, n] to [i, J, i', J'], zeros for padding. */
  Tensor unfoldMetric(Tensor c) {
    long n = lattice.paddedColumns();
    Tensor half = unfoldInputs(c.padTo(n, n)); // [n, i, J]
    return unfoldInputs(half.permute(1, 2, 0).reshape(n, n))
        .reshape(inputs(), otherInputs(), inputs(), otherInputs());
  }

  private Tensor unfoldInputs(Tensor rows) {
    int sites = lattice.sites();
    long[] legs = new long[1 + sites];
    long[] order = new long[1 + sites];
    legs[0] = rows.size(0);
    for (int k = 0; k < sites; k++) {
      legs[1 + k] = lattice.inputs().get(k);
      order[1 + k] = 1L + siteFirst(k);
    }
    return rows.reshape(legs).permute(order).reshape(legs[0], inputs(), otherInputs());
  }

  /** [o, O]: 1 for rows of the matrix, 0 for padding. */
  Tensor mask() {
    Tensor ones = Tensor.full(1, DType.F64, lattice.matrixRows(), 1);
    return unfold(ones.padTo(lattice.matrixRows(), lattice.matrixColumns()))
        .select(3, 0)
        .select(2, 0);
  }

  /** Outputs o with the same mask, in groups: their normal equations have the same matrix. */
  List<List<Integer>> groups() {
    Tensor mask = mask();
    List<List<Double>> known = new ArrayList<>();
    List<List<Integer>> groups = new ArrayList<>();
    for (int output = 0; output < outputs(); output++) {
      List<Double> row = Arrays.stream(mask.select(0, output).toDoubles()).boxed().toList();
      if (!known.contains(row)) {
        known.add(row);
        groups.add(new ArrayList<>());
      }
      groups.get(known.indexOf(row)).add(output);
    }
    return groups;
  }

  /** Sizes of all outputs, then of all inputs. */
  private long[] legs() {
    return IntStream.range(0, 2 * lattice.sites())
        .mapToLong(leg ->
            leg < lattice.sites()
                ? lattice.outputs().get(leg)
                : lattice.inputs().get(leg - lattice.sites()))
        .toArray();
  }

  /** The legs in the order o, O, i, J. */
  private long[] order() {
    int sites = lattice.sites();
    return IntStream.range(0, 2 * sites)
        .mapToLong(k -> k < sites ? siteFirst(k) : (long) sites + siteFirst(k - sites))
        .toArray();
  }

  /** The k-th site when this one comes first. */
  private int siteFirst(int k) {
    return k == 0 ? site : k <= site ? k - 1 : k;
  }
}
