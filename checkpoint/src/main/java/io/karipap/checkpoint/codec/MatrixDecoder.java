package io.karipap.checkpoint.codec;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.form.BlockShape;
import io.karipap.checkpoint.form.BlockTensorTrainForm;
import io.karipap.checkpoint.form.CellForm;
import io.karipap.checkpoint.form.DenseForm;
import io.karipap.checkpoint.form.EntropyCodedForm;
import io.karipap.checkpoint.form.FormSpec;
import io.karipap.checkpoint.form.LatticeForm;
import io.karipap.checkpoint.form.LowRankForm;
import io.karipap.checkpoint.form.QuantizableForm;
import io.karipap.checkpoint.form.QuantizedForm;
import io.karipap.checkpoint.form.SparseForm;
import io.karipap.checkpoint.form.StoredTensor;
import io.karipap.checkpoint.form.SumForm;
import io.karipap.checkpoint.safetensors.TensorStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The matrices of an artifact as dense arrays, in pure Java and one thread: for small models, for
 * tests, and for programs without libtorch.
 *
 * @param store the artifact's tensors
 */
public record MatrixDecoder(TensorStore store) {

  /**
   * A matrix.
   *
   * @param name without a suffix such as {@code .weight}
   * @return row-major [rows, columns]
   * @throws CheckpointException if a tensor is missing, of another size or damaged
   * @throws IllegalArgumentException if a matrix of that name cannot have that form
   */
  public float[] decode(String name, FormSpec form) {
    return switch (form) {
      case QuantizableForm f -> contracted(f, numbers(f.tensors(name)));
      case QuantizedForm f -> contracted(f.structure(), decoded(f, name));
      case EntropyCodedForm f -> contracted(f.structure(), decoded(f, name));
      case CellForm f -> cell(f, numbers(f.tensors(name)));
      case SumForm f ->
          sum(
              decode(SumForm.base(name), f.base()),
              decode(SumForm.correction(name), f.correction()));
      case SparseForm f -> sparse(f, f.tensors(name));
    };
  }

  private List<float[]> numbers(List<StoredTensor> tensors) {
    return tensors.stream().map(this::numbers).toList();
  }

  private float[] numbers(StoredTensor tensor) {
    return StoredNumbers.read(store, tensor.name(), tensor.dimensions());
  }

  private List<float[]> decoded(QuantizedForm form, String name) {
    NumberCodec codec = NumberCodec.of(form.format());
    List<String> cores = form.cores(name);
    List<float[]> decoded = new ArrayList<>();
    for (int core = 0; core < cores.size(); core++) {
      decoded.add(codec.decode(store, cores.get(core), form.groups().get(core)));
    }
    return decoded;
  }

  private List<float[]> decoded(EntropyCodedForm form, String name) {
    List<StoredTensor> cores = form.cores(name);
    List<float[]> decoded = new ArrayList<>();
    for (int core = 0; core < cores.size(); core++) {
      decoded.add(CodedNumbers.read(store, cores.get(core), form.streams().get(core)).numbers());
    }
    return decoded;
  }

  private static float[] contracted(QuantizableForm form, List<float[]> cores) {
    return switch (form) {
      case DenseForm _ -> cores.getFirst();
      case LowRankForm f ->
          HostTensor.of(cores.get(0), f.rows(), f.rank())
              .matmul(HostTensor.of(cores.get(1), f.rank(), f.columns()))
              .values();
      case BlockTensorTrainForm f -> blockTensorTrain(f.shape(), cores.get(0), cores.get(1));
      case LatticeForm f -> {
        List<HostTensor> sites = new ArrayList<>();
        for (int site = 0; site < cores.size(); site++) {
          sites.add(new HostTensor(cores.get(site), f.lattice().shape(site)));
        }
        yield LatticeContraction.matrix(f.lattice(), sites);
      }
    };
  }

  private static float[] cell(CellForm form, List<float[]> cores) {
    List<long[]> shapes = form.shape().shapes();
    List<HostTensor> tensors = new ArrayList<>();
    for (int core = 0; core < cores.size(); core++) {
      tensors.add(new HostTensor(cores.get(core), shapes.get(core)));
    }
    return LatticeContraction.matrix(
        form.shape().lattice(), LatticeContraction.absorbed(form.shape(), tensors));
  }

  /** V[(a b), (c d)] = sum_s L[b, a, (c s)] R[c, (b s), d], the padding left out. */
  private static float[] blockTensorTrain(BlockShape shape, float[] left, float[] right) {
    int rows = shape.matrixRows();
    int columns = shape.matrixColumns();
    int m1 = shape.outerOutputs();
    int m2 = shape.innerOutputs();
    int n1 = shape.outerInputs();
    int n2 = shape.innerInputs();
    int r = shape.rank();
    float[] matrix = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      int a = row / m2;
      int b = row % m2;
      for (int column = 0; column < columns; column++) {
        int c = column / n2;
        int d = column % n2;
        float sum = 0;
        for (int s = 0; s < r; s++) {
          sum += left[((b * m1 + a) * n1 + c) * r + s] * right[((c * m2 + b) * r + s) * n2 + d];
        }
        matrix[row * columns + column] = sum;
      }
    }
    return matrix;
  }

  private static float[] sum(float[] base, float[] correction) {
    float[] sum = base.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += correction[i];
    }
    return sum;
  }

  private float[] sparse(SparseForm form, List<StoredTensor> tensors) {
    StoredTensor mask = tensors.getFirst();
    MemorySegment bits = StoredNumbers.bytes(store, mask.name(), mask.elements());
    float[] values = numbers(tensors.getLast());
    float[] matrix = new float[form.rows() * form.columns()];
    int next = 0;
    for (int at = 0; at < matrix.length && next <= values.length; at++) {
      if ((bits.get(ValueLayout.JAVA_BYTE, at / 8) >> (at % 8) & 1) == 1) {
        matrix[at] = next < values.length ? values[next] : 0;
        next++;
      }
    }
    if (next != values.length) {
      throw new CheckpointException(
          "%s has not one bit for each of %d values: the file is damaged"
              .formatted(mask.name(), values.length));
    }
    return matrix;
  }
}
