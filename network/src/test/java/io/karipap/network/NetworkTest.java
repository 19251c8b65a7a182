package io.karipap.network;

import io.karipap.checkpoint.form.Lattice;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A scope for every test, and the networks and metrics that tests are made of. */
public abstract class NetworkTest {

  private TensorScope scope = new TensorScope();

  @BeforeEach
  void open() {
    Threads.use(1);
    scope.close();
    scope = new TensorScope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** A lattice without padding. */
  protected static Lattice lattice(
      int rows,
      int columns,
      List<Integer> outputs,
      List<Integer> inputs,
      List<Integer> horizontal,
      List<Integer> vertical) {
    int m = outputs.stream().reduce(1, Math::multiplyExact);
    int n = inputs.stream().reduce(1, Math::multiplyExact);
    return new Lattice(rows, columns, outputs, inputs, horizontal, vertical, m, n);
  }

  /** A 2 x 2 lattice of a 36 x 24 matrix. */
  protected static Lattice ring() {
    return lattice(2, 2, List.of(3, 2, 2, 3), List.of(2, 3, 2, 2), List.of(3, 2), List.of(2, 3));
  }

  /** A 2 x 2 lattice whose rows and columns are padded. */
  protected static Lattice paddedRing() {
    return new Lattice(
        2, 2, List.of(3, 2, 2, 3), List.of(2, 3, 2, 2), List.of(3, 2), List.of(2, 3), 29, 19);
  }

  protected static Pepo random(Lattice lattice, long seed) {
    RandomTensors random = new RandomTensors(seed);
    List<Tensor> cores = new ArrayList<>();
    for (int site = 0; site < lattice.sites(); site++) {
      cores.add(random.normal(DType.F64, lattice.shape(site)));
    }
    return new Pepo(lattice, cores);
  }

  protected static Tensor normal(long seed, long... shape) {
    return new RandomTensors(seed).normal(DType.F64, shape);
  }

  /** Activations [tokens, n] whose spectrum decays, mixed by a random matrix. */
  protected static Tensor activations(int tokens, int n, long seed) {
    double[] decay = new double[n];
    for (int i = 0; i < n; i++) {
      decay[i] = Math.exp(-4.0 * i / n);
    }
    return normal(seed, tokens, n).mul(Tensor.of(decay, n)).matmul(normal(seed + 1, n, n));
  }

  protected static Tensor covariance(Tensor activations) {
    return activations.transpose().matmul(activations).mul(1.0 / activations.size(0));
  }

  protected static double distance(Tensor a, Tensor b) {
    return a.sub(b).norm().item() / b.norm().item();
  }
}
