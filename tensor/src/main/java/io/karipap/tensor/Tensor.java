package io.karipap.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A dense tensor: a view of native memory with a shape, strides and an element type. Negative
 * dimensions count from the end; binary operations broadcast as NumPy's do.
 *
 * <p>Every operation gives a new tensor and throws {@link IllegalArgumentException}, naming the
 * shapes, when the operands do not fit; the few that write into an existing one say so in their
 * name. A tensor must not be used after the {@link TensorScope} it was made in has closed.
 */
public final class Tensor {

  private final org.bytedeco.pytorch.Tensor handle;

  Tensor(org.bytedeco.pytorch.Tensor handle) {
    this.handle = handle;
  }

  org.bytedeco.pytorch.Tensor handle() {
    if (isReleased()) {
      throw new IllegalStateException("the scope of this tensor has closed");
    }
    return handle;
  }

  /** True once the scope or owner that held this tensor has closed. */
  boolean isReleased() {
    return handle.isNull();
  }

  // --- creation

  /** Zeros on the CPU. */
  public static Tensor zeros(DType type, long... shape) {
    return full(0, type, shape);
  }

  /** A constant on the CPU. */
  public static Tensor full(double value, DType type, long... shape) {
    Shape.elements(shape);
    return Native.call(
        "full", () -> torch.full(shape, new Scalar(value), new TensorOptions(type.scalarType())));
  }

  /** The identity matrix [n, n]. */
  public static Tensor eye(DType type, long n) {
    return Native.call("eye", () -> torch.eye(n, new TensorOptions(type.scalarType())));
  }

  /** The integers from, ..., to - 1. */
  public static Tensor range(long from, long to) {
    return Native.call(
        "range",
        () ->
            torch.arange(
                new Scalar(from), new Scalar(to), new TensorOptions(DType.I64.scalarType())));
  }

  /** A float64 tensor with a copy of the values in row-major order. */
  public static Tensor of(double[] values, long... shape) {
    return copyIn(MemorySegment.ofArray(values), DType.F64, shape);
  }

  /** A float32 tensor with a copy of the values in row-major order. */
  public static Tensor of(float[] values, long... shape) {
    return copyIn(MemorySegment.ofArray(values), DType.F32, shape);
  }

  /** An int64 tensor with a copy of the values in row-major order. */
  public static Tensor of(long[] values, long... shape) {
    return copyIn(MemorySegment.ofArray(values), DType.I64, shape);
  }

  /** A copy of memory (row-major, native byte order) as a tensor. */
  public static Tensor copyIn(MemorySegment data, DType type, long... shape) {
    requireBytes(data, type, shape);
    Tensor result = Native.call("empty", () -> torch.empty(shape, options(type), noFormat()));
    MemorySegment.copy(data, 0, result.segment(), 0, data.byteSize());
    return result;
  }

  /**
   * Native memory seen as a tensor, without a copy.
   *
   * @param data off-heap, row-major, native byte order; it must stay alive, and unwritten, while
   *     the tensor or a view of it is in use. Operations that write in place must not be given a
   *     view of read-only memory: that ends the process
   * @throws IllegalArgumentException if the memory is on the heap, or has another size than the
   *     shape
   * @throws IllegalStateException if the memory has been freed
   */
  public static Tensor view(MemorySegment data, DType type, long... shape) {
    requireBytes(data, type, shape);
    if (!data.isNative()) {
      throw new IllegalArgumentException(
          "only off-heap memory can be seen as a tensor: use copyIn");
    }
    if (!data.scope().isAlive()) {
      throw new IllegalStateException("the arena of this memory has closed");
    }
    Pointer pointer = new AddressPointer(data.address());
    return Native.call("view", () -> torch.from_blob(pointer, shape, options(type)));
  }

  private static void requireBytes(MemorySegment data, DType type, long... shape) {
    long bytes = Math.multiplyExact(Shape.elements(shape), type.bytes());
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "shape "
              + Arrays.toString(shape)
              + " of "
              + type
              + " takes "
              + bytes
              + " bytes, the memory has "
              + data.byteSize());
    }
  }

  private static TensorOptions options(DType type) {
    return new TensorOptions(type.scalarType());
  }

  private static org.bytedeco.pytorch.MemoryFormatOptional noFormat() {
    return new org.bytedeco.pytorch.MemoryFormatOptional();
  }

  /** Zeros of this shape, type and device. */
  public Tensor zerosLike() {
    return Native.call("zerosLike", () -> torch.zeros_like(handle), this);
  }

  /** Tensors side by side along an existing dimension. */
  public static Tensor concatenate(List<Tensor> tensors, int dimension) {
    return Native.call(
        "concatenate",
        () -> torch.cat(Native.vector(tensors), dimension),
        tensors.toArray(Tensor[]::new));
  }

  /** Tensors of one shape along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, int dimension) {
    return Native.call(
        "stack",
        () -> torch.stack(Native.vector(tensors), dimension),
        tensors.toArray(Tensor[]::new));
  }

  /**
   * Einstein summation, for instance {@code einsum("ij,jk->ik", a, b)}. More than two operands are
   * contracted from left to right: order them, or contract pair by pair.
   */
  public static Tensor einsum(String equation, Tensor... operands) {
    return Native.call(
        "einsum " + equation,
        () -> torch.einsum(equation, Native.vector(List.of(operands))),
        operands);
  }

  // --- what it is

  /** Number of dimensions. */
  public int rank() {
    return (int) handle().dim();
  }

  /** Sizes of all dimensions. */
  public long[] shape() {
    long[] shape = new long[rank()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = handle.size(i);
    }
    return shape;
  }

  /**
   * Size of one dimension.
   *
   * @throws IllegalArgumentException if there is no such dimension
   */
  public int size(int dimension) {
    int index = dimension < 0 ? dimension + rank() : dimension;
    if (index < 0 || index >= rank()) {
      throw new IllegalArgumentException(
          "a tensor of shape " + Arrays.toString(shape()) + " has no dimension " + dimension);
    }
    return Math.toIntExact(handle.size(index));
  }

  /** Number of elements. */
  public long elements() {
    return handle().numel();
  }

  /** Element type. */
  public DType dtype() {
    return DType.of(handle().scalar_type());
  }

  /** Where the elements live. */
  public Device device() {
    try (var device = handle().device()) {
      return Device.of(device);
    }
  }

  /** True if the elements lie in row-major order without gaps. */
  public boolean isContiguous() {
    return handle().is_contiguous();
  }

  // --- export

  /**
   * The elements of a contiguous CPU tensor, row-major, without a copy; valid as long as the
   * tensor.
   *
   * @throws IllegalArgumentException if the tensor is not contiguous, or not on the CPU
   */
  @SuppressWarnings(
      "restricted") // the address and size are those that libtorch reports for its own allocation
  public MemorySegment segment() {
    if (!isContiguous() || device() != Device.CPU) {
      throw new IllegalArgumentException(
          "only contiguous tensors on the CPU can be seen as memory");
    }
    long bytes = elements() * dtype().bytes();
    return bytes == 0
        ? MemorySegment.NULL
        : MemorySegment.ofAddress(handle.data_ptr().address()).reinterpret(bytes);
  }

  /** The elements as doubles, row-major. */
  public double[] toDoubles() {
    return onCpu(DType.F64).toArray(ValueLayout.JAVA_DOUBLE.withOrder(ByteOrder.nativeOrder()));
  }

  /** The elements as floats, row-major. */
  public float[] toFloats() {
    return onCpu(DType.F32).toArray(ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.nativeOrder()));
  }

  /** The elements as longs, row-major. */
  public long[] toLongs() {
    return onCpu(DType.I64).toArray(ValueLayout.JAVA_LONG.withOrder(ByteOrder.nativeOrder()));
  }

  private MemorySegment onCpu(DType type) {
    return detach().to(Device.CPU).to(type).contiguous().segment();
  }

  /** The value of a tensor of one element. */
  public double item() {
    return Native.value("item", handle::item_double, this);
  }

  // --- type, place, graph

  /** The same values in another type; this tensor itself if it has that type already. */
  public Tensor to(DType type) {
    return Native.call("to", () -> handle.to(type.scalarType()), this);
  }

  /** The same values on another device; this tensor itself if it is there already. */
  public Tensor to(Device device) {
    return device == device()
        ? this
        : Native.call("to", () -> handle.to(device.handle(), handle.scalar_type()), this);
  }

  /** The same values, row-major without gaps; this tensor itself if it is so already. */
  public Tensor contiguous() {
    return Native.call("contiguous", handle::contiguous, this);
  }

  /** A copy with memory of its own. */
  public Tensor copy() {
    return Native.call("copy", () -> new org.bytedeco.pytorch.Tensor(torch.clone(handle)), this);
  }

  /** The same values, cut from the graph. */
  public Tensor detach() {
    return Native.call("detach", handle::detach, this);
  }

  /**
   * The same memory as a variable: tensors that are computed from it can be differentiated by it.
   */
  public Tensor leaf() {
    return Native.call("leaf", () -> handle.detach().set_requires_grad(true), this);
  }

  /** True for a variable and for tensors that were computed from one. */
  public boolean isDifferentiable() {
    return handle().requires_grad();
  }

  // --- arithmetic

  /** this + other. */
  public Tensor add(Tensor other) {
    return Native.call("add", () -> handle.add(other.handle), this, other);
  }

  /** this + value. */
  public Tensor add(double value) {
    return Native.call("add", () -> handle.add(new Scalar(value)), this);
  }

  /** this - other. */
  public Tensor sub(Tensor other) {
    return Native.call("sub", () -> handle.sub(other.handle), this, other);
  }

  /** this * other, element by element. */
  public Tensor mul(Tensor other) {
    return Native.call("mul", () -> handle.mul(other.handle), this, other);
  }

  /** this + a * b, element by element, in one pass. */
  public Tensor addProduct(Tensor a, Tensor b) {
    return Native.call("addProduct", () -> handle.addcmul(a.handle, b.handle), this, a, b);
  }

  /** this * value. */
  public Tensor mul(double value) {
    return Native.call("mul", () -> handle.mul(new Scalar(value)), this);
  }

  /** this / other, element by element. */
  public Tensor div(Tensor other) {
    return Native.call("div", () -> handle.div(other.handle), this, other);
  }

  /** -this. */
  public Tensor neg() {
    return Native.call("neg", handle::neg, this);
  }

  /** Squares. */
  public Tensor square() {
    return Native.call("square", handle::square, this);
  }

  /** Square roots. */
  public Tensor sqrt() {
    return Native.call("sqrt", handle::sqrt, this);
  }

  /** Powers with a real exponent. */
  public Tensor pow(double exponent) {
    return Native.call("pow", () -> handle.pow(new Scalar(exponent)), this);
  }

  /** Exponentials. */
  public Tensor exp() {
    return Native.call("exp", handle::exp, this);
  }

  /** Natural logarithms. */
  public Tensor log() {
    return Native.call("log", handle::log, this);
  }

  /** Absolute values. */
  public Tensor abs() {
    return Native.call("abs", handle::abs, this);
  }

  /** max(this, bound), element by element. */
  public Tensor clampMin(double bound) {
    return Native.call("clampMin", () -> handle.clamp_min(new Scalar(bound)), this);
  }

  /** The nearest integers, even ones at ties; without a derivative. */
  public Tensor round() {
    return Native.call("round", handle::round, this);
  }

  /** The values clamped to [low, high]; the derivative is 1 inside and 0 outside. */
  public Tensor clamp(double low, double high) {
    return Native.call(
        "clamp",
        () ->
            handle.clamp(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high))),
        this);
  }

  /** How many of some increasing boundaries [k] lie below every element; int64. */
  public Tensor bucketize(Tensor boundaries) {
    return Native.call(
        "bucketize", () -> torch.bucketize(handle, boundaries.handle), this, boundaries);
  }

  /** Matrix product over the last two dimensions, broadcast over the others. */
  public Tensor matmul(Tensor other) {
    return Native.call("matmul", () -> handle.matmul(other.handle), this, other);
  }

  /** Sum of the products of two vectors' elements, both [n]. */
  public Tensor dot(Tensor other) {
    return Native.call("dot", () -> handle.dot(other.handle), this, other);
  }

  // --- reductions

  /** Sum of all elements. */
  public Tensor sum() {
    return Native.call("sum", () -> handle.sum(), this);
  }

  /** Sums over one dimension, which disappears. */
  public Tensor sum(int dimension) {
    return Native.call("sum", () -> handle.sum((long) dimension), this);
  }

  /** Mean of all elements. */
  public Tensor mean() {
    return Native.call("mean", () -> handle.mean(), this);
  }

  /** Euclidean norms over one dimension, which stays with size 1. */
  public Tensor normKeeping(int dimension) {
    return Native.call(
        "norm",
        () -> handle.norm(new ScalarOptional(new Scalar(2.0)), new long[] {dimension}, true),
        this);
  }

  /** Frobenius norm. */
  public Tensor norm() {
    return Native.call("norm", () -> handle.norm(), this);
  }

  /** Largest element. */
  public Tensor max() {
    return Native.call("max", () -> handle.max(), this);
  }

  /** Index of the largest element along a dimension, which disappears. */
  public Tensor argmax(int dimension) {
    return Native.call("argmax", () -> handle.argmax(new LongOptional(dimension), false), this);
  }

  /** True if no element is infinite or not a number. */
  public boolean isFinite() {
    return Native.value("isFinite", () -> handle.isfinite().all().item_bool(), this);
  }

  // --- shape

  /** The same elements in row-major order with another shape; one size may be -1. */
  public Tensor reshape(long... shape) {
    return Native.call("reshape to " + Arrays.toString(shape), () -> handle.reshape(shape), this);
  }

  /** Dimensions in another order. */
  public Tensor permute(long... order) {
    return Native.call("permute to " + Arrays.toString(order), () -> handle.permute(order), this);
  }

  /** Two dimensions exchanged. */
  public Tensor transpose(int a, int b) {
    return Native.call("transpose", () -> handle.transpose(a, b), this);
  }

  /** The last two dimensions exchanged. */
  public Tensor transpose() {
    return transpose(-2, -1);
  }

  /** A new dimension of size 1. */
  public Tensor unsqueeze(int dimension) {
    return Native.call("unsqueeze", () -> handle.unsqueeze(dimension), this);
  }

  /** Dimensions of size 1 repeated, without a copy; -1 keeps a size. */
  public Tensor expand(long... shape) {
    return Native.call("expand to " + Arrays.toString(shape), () -> handle.expand(shape), this);
  }

  /** A part of one dimension, without a copy. */
  public Tensor narrow(int dimension, long start, long length) {
    return Native.call("narrow", () -> handle.narrow(dimension, start, length), this);
  }

  /** One index of a dimension, which disappears; without a copy. */
  public Tensor select(int dimension, long index) {
    return Native.call("select", () -> handle.select(dimension, index), this);
  }

  /** Chosen indices of a dimension; indices are int64 [k]. */
  public Tensor indexSelect(int dimension, Tensor indices) {
    return Native.call(
        "indexSelect", () -> handle.index_select(dimension, indices.handle), this, indices);
  }

  /** Element picks along a dimension; indices are int64 of this rank. */
  public Tensor gather(int dimension, Tensor indices) {
    return Native.call("gather", () -> handle.gather(dimension, indices.handle), this, indices);
  }

  /** The diagonal of a matrix. */
  public Tensor diagonal() {
    return Native.call("diagonal", () -> handle.diagonal(), this);
  }

  /**
   * Zeros appended to a matrix below and to the right, up to [rows, columns].
   *
   * @throws IllegalArgumentException if the matrix is larger than that
   */
  public Tensor padTo(long rows, long columns) {
    long[] margins = {0, columns - size(-1), 0, rows - size(-2)};
    if (margins[1] < 0 || margins[3] < 0) {
      throw new IllegalArgumentException(
          "padTo of " + Arrays.toString(shape()) + ": does not fit into " + rows + " x " + columns);
    }
    return Native.call("padTo", () -> torch.constant_pad_nd(handle, margins), this);
  }

  // --- writing into this tensor

  /** this += factor * other. */
  public void addInPlace(Tensor other, double factor) {
    Native.value("addInPlace", () -> handle.add_(other.handle, new Scalar(factor)), this, other);
  }

  /** this *= factor. */
  public void scaleInPlace(double factor) {
    Native.value("scaleInPlace", () -> handle.mul_(new Scalar(factor)), this);
  }

  /** this += factor * a * b, element by element. */
  public void addProductInPlace(Tensor a, Tensor b, double factor) {
    Native.value(
        "addProductInPlace",
        () -> handle.addcmul_(a.handle, b.handle, new Scalar(factor)),
        this,
        a,
        b);
  }

  /** this += factor * a / b, element by element. */
  public void addQuotientInPlace(Tensor a, Tensor b, double factor) {
    Native.value(
        "addQuotientInPlace",
        () -> handle.addcdiv_(a.handle, b.handle, new Scalar(factor)),
        this,
        a,
        b);
  }

  /** this[indices[i]] += values[i] along the first dimension; indices are int64 and may repeat. */
  public void addAtInPlace(Tensor indices, Tensor values) {
    Native.value(
        "addAtInPlace",
        () -> handle.index_add_(0, indices.handle, values.handle),
        this,
        indices,
        values);
  }

  /** Overwrites the elements, converting their type. */
  public void copyFrom(Tensor source) {
    Native.value("copyFrom", () -> handle.copy_(source.handle), this, source);
  }

  @Override
  public String toString() {
    return isReleased()
        ? "Tensor of a closed scope"
        : "Tensor" + Arrays.toString(shape()) + " " + dtype();
  }

  /** A native address that JavaCPP neither owns nor releases. */
  private static final class AddressPointer extends Pointer {
    AddressPointer(long address) {
      this.address = address;
    }
  }
}
