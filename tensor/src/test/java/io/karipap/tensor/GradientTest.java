package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every differentiable operation against finite differences. */
class GradientTest {

  /** An operation, the shapes of its inputs, and whether they must be positive. */
  private record Operation(
      String name, Function<List<Tensor>, Tensor> body, boolean positive, List<long[]> shapes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Operation unary(String name, Function<Tensor, Tensor> f, long... shape) {
    return new Operation(name, x -> f.apply(x.getFirst()), false, List.of(shape));
  }

  private static Operation positive(String name, Function<Tensor, Tensor> f) {
    return new Operation(name, x -> f.apply(x.getFirst()), true, List.of(shape(2, 3)));
  }

  private static Operation general(
      String name, Function<List<Tensor>, Tensor> f, long[]... shapes) {
    return new Operation(name, f, false, List.of(shapes));
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  static Stream<Operation> arithmetic() {
    return Stream.of(
        general("add, broadcast", x -> x.get(0).add(x.get(1)), shape(2, 3), shape(3)),
        unary("add a number", x -> x.add(2.5), 2, 3),
        general("sub, broadcast", x -> x.get(0).sub(x.get(1)), shape(2, 1), shape(3)),
        general("mul, broadcast", x -> x.get(0).mul(x.get(1)), shape(2, 3), shape(2, 1)),
        unary("mul by a number", x -> x.mul(-1.5), 2, 3),
        new Operation(
            "addProduct",
            x -> x.get(0).addProduct(x.get(1), x.get(2)),
            true,
            List.of(shape(2, 3), shape(2, 3), shape(3))),
        new Operation("div", x -> x.get(0).div(x.get(1)), true, List.of(shape(2, 3), shape(3))),
        unary("neg", Tensor::neg, 4),
        unary("square", Tensor::square, 4),
        positive("sqrt", Tensor::sqrt),
        positive("pow", x -> x.pow(-1.7)),
        unary("exp", Tensor::exp, 4),
        positive("log", Tensor::log),
        unary("abs", Tensor::abs, 5),
        unary("clampMin", x -> x.clampMin(0.1), 6),
        general("matmul", x -> x.get(0).matmul(x.get(1)), shape(2, 3), shape(3, 4)),
        general(
            "batched matmul", x -> x.get(0).matmul(x.get(1)), shape(2, 1, 2, 3), shape(2, 3, 2)),
        general("dot", x -> x.get(0).dot(x.get(1)), shape(5), shape(5)),
        general("einsum of two", x -> einsum("ijk,kjl->il", x), shape(2, 3, 2), shape(2, 3, 4)),
        general(
            "einsum of three",
            x -> einsum("ia,abj,b->ij", x),
            shape(2, 3),
            shape(3, 2, 2),
            shape(2)),
        general("einsum of a trace", x -> einsum("ii->", x), shape(3, 3)));
  }

  static Stream<Operation> reductionsAndShapes() {
    return Stream.of(
        unary("sum", x -> x.sum(), 2, 3),
        unary("sum over a dimension", x -> x.sum(-2), 2, 3),
        unary("mean", Tensor::mean, 2, 3),
        unary("normKeeping", x -> x.normKeeping(1), 2, 3),
        unary("norm", Tensor::norm, 2, 3),
        unary("max", Tensor::max, 2, 3),
        unary("reshape", x -> x.reshape(3, -1), 2, 3),
        unary("permute", x -> x.permute(2, 0, 1), 2, 3, 4),
        unary("transpose", x -> x.transpose(0, 2), 2, 3, 4),
        unary("transpose of the last two", Tensor::transpose, 2, 3),
        unary("unsqueeze", x -> x.unsqueeze(1), 3),
        unary("expand", x -> x.expand(4, -1), 1, 3),
        unary("narrow", x -> x.narrow(-1, 1, 2), 2, 4),
        unary("select", x -> x.select(0, 1), 3, 2),
        unary("indexSelect", x -> x.indexSelect(1, Tensor.of(new long[] {2, 0, 2}, 3)), 2, 3),
        unary("gather", x -> x.gather(1, Tensor.of(new long[] {2, 0, 1, 1}, 2, 2)), 2, 3),
        unary("diagonal", Tensor::diagonal, 3, 4),
        unary("padTo", x -> x.padTo(3, 5), 2, 3),
        unary("contiguous", x -> x.transpose().contiguous(), 2, 3),
        unary("copy", Tensor::copy, 3),
        general("concatenate", x -> Tensor.concatenate(x, 1), shape(2, 3), shape(2, 1)),
        general("stack", x -> Tensor.stack(x, 1), shape(2, 3), shape(2, 3)));
  }

  static Stream<Operation> networkFunctions() {
    long[] query = shape(1, 4, 3, 2);
    long[] key = shape(1, 2, 3, 2);
    return Stream.of(
        general(
            "linear",
            x -> Functions.linear(x.get(0), x.get(1), Optional.empty()),
            shape(2, 3),
            shape(4, 3)),
        general(
            "linear with bias",
            x -> Functions.linear(x.get(0), x.get(1), Optional.of(x.get(2))),
            shape(2, 3),
            shape(4, 3),
            shape(4)),
        unary("embedding", x -> Functions.embedding(x, ids()), 4, 2),
        unary("silu", Functions::silu, 5),
        unary("softmax", Functions::softmax, 2, 4),
        unary("logSoftmax", Functions::logSoftmax, 2, 4),
        unary("crossEntropy", x -> Functions.crossEntropy(x, ids()), 3, 5),
        general(
            "attention, grouped",
            x -> Functions.attention(x.get(0), x.get(1), x.get(2), false),
            query,
            key,
            key),
        general(
            "attention, causal",
            x -> Functions.attention(x.get(0), x.get(1), x.get(2), true),
            query,
            query,
            query),
        general(
            "attention, masked",
            x -> Functions.attention(x.get(0), x.get(1), x.get(2), x.get(3)),
            query,
            query,
            query,
            shape(3, 3)),
        general(
            "root mean square norm",
            x ->
                x.get(0)
                    .mul(x.get(0).normKeeping(-1).square().mul(0.25).add(1e-5).pow(-0.5))
                    .mul(x.get(1)),
            shape(2, 4),
            shape(4)));
  }

  static Stream<Operation> factorizations() {
    return Stream.of(
        unary("svd of a tall matrix", GradientTest::squaredSingularValues, 4, 3),
        unary("svd of a wide matrix", GradientTest::squaredSingularValues, 3, 4),
        unary("singularValues", Linalg::singularValues, 4, 3),
        unary("q of qr", x -> Linalg.qr(x).q(), 4, 3),
        unary("r of qr", x -> Linalg.qr(x).r(), 4, 3),
        unary("eigenvalues", x -> Linalg.eigh(gram(x)).values(), 3, 4),
        unary("function of a symmetric matrix", GradientTest::matrixLogarithm, 3, 5),
        unary("cholesky", x -> Linalg.cholesky(gram(x)), 3, 5),
        general(
            "choleskySolve",
            x -> Linalg.choleskySolve(x.get(0), Linalg.cholesky(gram(x.get(1)))),
            shape(3, 2),
            shape(3, 5)),
        general("solve", x -> Linalg.solve(gram(x.get(0)), x.get(1)), shape(3, 5), shape(3, 2)),
        general(
            "solveTriangular",
            x -> Linalg.solveTriangular(Linalg.cholesky(gram(x.get(0))), x.get(1), false),
            shape(3, 5),
            shape(3, 2)),
        general(
            "leastSquares",
            x -> Linalg.leastSquares(x.get(0), x.get(1)),
            shape(5, 3),
            shape(5, 2)));
  }

  private static Tensor einsum(String equation, List<Tensor> operands) {
    return Tensor.einsum(equation, operands.toArray(Tensor[]::new));
  }

  private static Tensor ids() {
    return Tensor.of(new long[] {3, 0, 3}, 3);
  }

  /** A A^T + 1, well conditioned. */
  private static Tensor gram(Tensor a) {
    return a.matmul(a.transpose()).add(Tensor.eye(DType.F64, a.size(0)));
  }

  /** U s^2 V^T: depends on the matrix alone, not on the signs of singular vectors. */
  private static Tensor squaredSingularValues(Tensor a) {
    var svd = Linalg.svd(a);
    return svd.u().mul(svd.s().square()).matmul(svd.vh());
  }

  private static Tensor matrixLogarithm(Tensor a) {
    var eigh = Linalg.eigh(gram(a));
    return eigh.vectors().mul(eigh.values().log()).matmul(eigh.vectors().transpose());
  }

  @ParameterizedTest
  @MethodSource({"arithmetic", "reductionsAndShapes", "networkFunctions", "factorizations"})
  void gradientEqualsFiniteDifferences(Operation operation) {
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(7);
      List<Tensor> inputs = new ArrayList<>();
      for (long[] shape : operation.shapes()) {
        Tensor x = random.normal(DType.F64, shape);
        inputs.add(operation.positive() ? x.abs().add(0.5) : x);
      }
      FiniteDifferences.check(operation.body(), inputs);
    }
  }

  @Test
  void knownGradientsAreTakenBack() {
    try (var _ = new TensorScope()) {
      Tensor x = new RandomTensors(1).normal(DType.F64, 3).leaf();
      Tensor unused = new RandomTensors(2).normal(DType.F64, 2).leaf();
      Tensor g = Tensor.of(new double[] {1, 2, 3}, 3);
      Tensor h = Tensor.of(new double[] {-1, 4, 2}, 3);
      // of sum(h x) + sum(g x^2), by x and by what nothing depends on
      var gradients = Autograd.pullBack(List.of(x, x.square()), List.of(h, g), List.of(x, unused));
      assertThat(gradients.get(0).sub(g.mul(2).mul(x).add(h)).norm().item()).isLessThan(1e-14);
      assertThat(gradients.get(1).toDoubles()).containsExactly(0, 0);
    }
  }

  @Test
  void aWrongGradientIsNoticed() {
    try (var _ = new TensorScope()) {
      Tensor x = new RandomTensors(7).normal(DType.F64, 3);
      // the detached factor hides half of the derivative of x^2
      assertThatThrownBy(() ->
              FiniteDifferences.check(y -> y.getFirst().mul(y.getFirst().detach()), List.of(x)))
          .isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void aGradientHasTheTypeOfItsLeaf() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new float[] {1, 2}, 2).leaf();
      Tensor g = Autograd.gradients(x.to(DType.BF16).square().sum(), List.of(x)).getFirst();
      assertThat(g.dtype()).isEqualTo(DType.F32);
      assertThat(g.toFloats()).containsExactly(2, 4);
    }
  }

  @Test
  void aGradientOfManyNumbersIsRefused() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {1, 2}, 2).leaf();
      assertThatThrownBy(() -> Autograd.gradients(x.square(), List.of(x)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("gradient of [2] F64");
    }
  }

  @Test
  void nothingIsRecordedWhileOff() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {3}, 1).leaf();
      Tensor unrecorded;
      try (var _ = Autograd.off()) {
        unrecorded = x.square();
      }
      assertThatThrownBy(() -> Autograd.gradients(unrecorded.sum(), List.of(x)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(Autograd.gradients(x.square().sum(), List.of(x)).getFirst().item()).isEqualTo(6);
    }
  }

  @Test
  void switchingOffOutlivesAnInnerScopeAndNests() {
    try (var _ = new TensorScope()) {
      Tensor x = Tensor.of(new double[] {3}, 1).leaf();
      try (var inner = new TensorScope();
          var _ = Autograd.off()) {
        try (var _ = Autograd.off()) {
          inner.keep(x.square());
        }
        Tensor stillUnrecorded = x.square().sum();
        assertThatThrownBy(() -> Autograd.gradients(stillUnrecorded, List.of(x)))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }
}
