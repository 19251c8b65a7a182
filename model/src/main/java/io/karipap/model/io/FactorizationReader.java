package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.codec.CodedNumbers;
import io.karipap.checkpoint.codec.ScalarCodec;
import io.karipap.checkpoint.codec.StoredNumbers;
import io.karipap.checkpoint.form.BlockTensorTrainForm;
import io.karipap.checkpoint.form.CellForm;
import io.karipap.checkpoint.form.DenseForm;
import io.karipap.checkpoint.form.EntropyCodedForm;
import io.karipap.checkpoint.form.FormSpec;
import io.karipap.checkpoint.form.GroupLayout;
import io.karipap.checkpoint.form.LatticeForm;
import io.karipap.checkpoint.form.LowRankForm;
import io.karipap.checkpoint.form.QuantizableForm;
import io.karipap.checkpoint.form.QuantizedForm;
import io.karipap.checkpoint.form.ScalarFormat;
import io.karipap.checkpoint.form.ScaleType;
import io.karipap.checkpoint.form.SparseForm;
import io.karipap.checkpoint.form.StoredTensor;
import io.karipap.checkpoint.form.SumForm;
import io.karipap.checkpoint.safetensors.TensorStore;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.CodedTensor;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.QuantizedTensor;
import io.karipap.network.ScaledIntegers;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads factorizations.
 *
 * @param store the tensors
 * @param shared tensors that several matrices have and that were read already, by name; grows
 */
record FactorizationReader(TensorStore store, Map<String, Tensor> shared) {

  /**
   * Reads a matrix.
   *
   * @throws CheckpointException if a tensor is missing, of another shape or type, or damaged
   * @throws IllegalArgumentException if the tensors do not fit one another or the form
   */
  Factorization read(String name, FormSpec form) {
    return switch (form) {
      case QuantizableForm f -> network(f, f.tensors(name).stream().map(this::numbers).toList());
      case QuantizedForm f -> quantized(name, f);
      case EntropyCodedForm f -> integers(name, f);
      case CellForm f -> cell(name, f);
      case SumForm f ->
          new Sum(
              read(SumForm.base(name), f.base()), read(SumForm.correction(name), f.correction()));
      case SparseForm f -> {
        StoredTensor mask = f.tensors(name).getFirst();
        yield new Sparse(
            f.rows(),
            f.columns(),
            StoredNumbers.bytes(store, mask.name(), mask.elements()),
            numbers(f.tensors(name).getLast()));
      }
    };
  }

  private Tensor numbers(StoredTensor tensor) {
    return TensorFiles.read(store, tensor.name(), tensor.dimensions());
  }

  private static Factorization network(QuantizableForm form, List<Tensor> cores) {
    return switch (form) {
      case DenseForm _ -> new Dense(cores.getFirst());
      case LowRankForm _ -> new LowRank(cores.get(0), cores.get(1));
      case BlockTensorTrainForm f -> new BlockTensorTrain(f.shape(), cores.get(0), cores.get(1));
      case LatticeForm f -> new Pepo(f.lattice(), cores);
    };
  }

  private Quantized quantized(String name, QuantizedForm form) {
    List<String> cores = form.cores(name);
    List<CodedTensor> tensors = new ArrayList<>();
    for (int core = 0; core < cores.size(); core++) {
      GroupLayout groups = form.groups().get(core);
      tensors.add(
          switch (form.format()) {
            case ScalarFormat scalar -> scalar(cores.get(core), scalar, groups);
          });
    }
    return coded(form.structure(), form, tensors);
  }

  private Quantized integers(String name, EntropyCodedForm form) {
    List<StoredTensor> cores = form.cores(name);
    List<CodedTensor> tensors = new ArrayList<>();
    for (int core = 0; core < cores.size(); core++) {
      StoredTensor stored = cores.get(core);
      CodedNumbers numbers = CodedNumbers.read(store, stored, form.streams().get(core));
      double[] rows = numbers.rows().values();
      double[] columns = numbers.columns().values();
      tensors.add(
          new ScaledIntegers(
              stored.shape(),
              numbers.stream(),
              numbers.levels(),
              Tensor.of(rows, rows.length, 1).to(DType.F32),
              Tensor.of(columns, 1, columns.length).to(DType.F32)));
    }
    return coded(form.structure(), form, tensors);
  }

  private static Quantized coded(
      QuantizableForm structure, FormSpec form, List<CodedTensor> tensors) {
    return new Quantized(
        network(structure, tensors.stream().map(CodedTensor::values).toList()),
        form.rows(),
        form.columns(),
        tensors);
  }

  private QuantizedTensor scalar(String name, ScalarFormat format, GroupLayout groups) {
    var codec = new ScalarCodec(format);
    ScaleType type = codec.scaleType(store, name);
    var codes = codec.codes(store, name, groups);
    long[] shape = {groups.rows(), groups.perRow()};
    return new QuantizedTensor(
        format,
        groups,
        type,
        codes.codes(),
        codes.zeros(),
        TensorFiles.read(store, name + ".scales", shape),
        format.hasShifts()
            ? Optional.of(TensorFiles.read(store, name + ".shifts", shape))
            : Optional.empty());
  }

  private UnitCell cell(String name, CellForm form) {
    List<StoredTensor> tensors = form.tensors(name);
    List<Tensor> cores = new ArrayList<>();
    int own = 0;
    for (int core = 0; core < tensors.size(); core++) {
      StoredTensor tensor = tensors.get(core);
      boolean common = form.shape().isShared(core);
      own += common ? 0 : 1;
      cores.add(common ? once(tensor) : numbers(tensor));
    }
    requireNoOther(name, own);
    return new UnitCell(form.shape(), form.position(), cores);
  }

  private Tensor once(StoredTensor stored) {
    Tensor tensor = shared.computeIfAbsent(stored.name(), _ -> numbers(stored));
    if (!Arrays.equals(tensor.shape(), stored.dimensions())) {
      throw new IllegalArgumentException(
          "the shared tensor %s has shape %s, not %s"
              .formatted(stored.name(), Arrays.toString(tensor.shape()), stored.shape()));
    }
    return tensor;
  }

  /** A bond matrix that the manifest does not mention must not be lost silently. */
  private void requireNoOther(String name, int expected) {
    long own = store.names().stream().filter(stored -> stored.startsWith(name + ".core.")).count();
    if (own != expected) {
      throw new IllegalArgumentException(
          "the file has %d tensors %s.core, the cell %d".formatted(own, name, expected));
    }
  }
}
