package io.karipap.model.io;

import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.codec.CodedNumbers;
import io.karipap.checkpoint.codec.LogScales;
import io.karipap.checkpoint.codec.ScalarCodec;
import io.karipap.checkpoint.form.StoredTensor;
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
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Factorizations as the stored tensors of an artifact. Names, shapes and labels are those of the
 * factorization's {@link Factorization#form form}.
 */
public final class StoredFactorization {

  private StoredFactorization() {}

  /** The manifest's line about a matrix; {@code error} is ||(W-V)X|| / ||WX||. */
  public static MatrixEntry entry(String name, Factorization f, double error) {
    return MatrixEntry.of(name, f.form(), error);
  }

  /**
   * The tensors that are stored under a matrix's name, by their names. Packed numbers are bytes
   * (I8), scales of the type that they are stored in.
   */
  public static SequencedMap<String, Tensor> tensors(String name, Factorization factorization) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    Iterator<StoredTensor> stored = factorization.form().stored(name).iterator();
    parts(factorization).forEach(part -> tensors.put(stored.next().name(), part));
    return tensors;
  }

  /** The stored tensors in the order of the form's. */
  private static Stream<Tensor> parts(Factorization factorization) {
    return switch (factorization) {
      case Dense _, LowRank _, BlockTensorTrain _, Pepo _ -> factorization.cores().stream();
      case UnitCell f ->
          IntStream.range(0, f.cores().size())
              .filter(core -> f.position() == 0 || !f.shape().isShared(core))
              .mapToObj(f.cores()::get);
      case Quantized f -> f.tensors().stream().flatMap(StoredFactorization::parts);
      case Sum f -> Stream.concat(parts(f.base()), parts(f.correction()));
      case Sparse f ->
          Stream.of(Tensor.copyIn(f.mask(), DType.I8, f.mask().byteSize()), f.values());
    };
  }

  private static Stream<Tensor> parts(CodedTensor tensor) {
    return switch (tensor) {
      case QuantizedTensor codes -> parts(codes);
      case ScaledIntegers integers ->
          Stream.of(
              bytes(integers.stream()),
              bytes(
                  CodedNumbers.scaleBytes(
                      LogScales.of(doubles(integers.rows())),
                      LogScales.of(doubles(integers.columns())))));
    };
  }

  private static double[] doubles(Tensor scales) {
    return scales.detach().to(DType.F64).toDoubles();
  }

  private static Tensor bytes(byte[] bytes) {
    return Tensor.copyIn(MemorySegment.ofArray(bytes), DType.I8, bytes.length);
  }

  private static Stream<Tensor> parts(QuantizedTensor tensor) {
    var codec = new ScalarCodec(tensor.format());
    Optional<float[]> shifts = tensor.shifts().map(values -> values.detach().toFloats());
    return codec
        .encode(
            "",
            tensor.scalarCodes(),
            tensor.scales().detach().toFloats(),
            shifts,
            tensor.scaleType())
        .stream()
        .map(part ->
            Tensor.copyIn(
                part.bytes(),
                switch (part.tensor().content()) {
                  case BYTES -> DType.I8;
                  case SCALES -> tensor.storedScales();
                  case NUMBERS -> DType.F32;
                },
                part.tensor().dimensions()));
  }

  /**
   * Reads a matrix back.
   *
   * @throws CheckpointException if the manifest's integers, or the tensors, do not fit together
   */
  public static Factorization read(TensorStore store, MatrixEntry entry) {
    return read(store, entry, new HashMap<>());
  }

  /**
   * Reads a matrix that may share tensors with others.
   *
   * @param shared tensors that were read with other matrices, by their stored names; grows
   * @throws CheckpointException if the manifest's integers, or the tensors, do not fit together
   */
  public static Factorization read(
      TensorStore store, MatrixEntry entry, Map<String, Tensor> shared) {
    try {
      return new FactorizationReader(store, shared).read(entry.name(), entry.spec());
    } catch (IllegalArgumentException e) {
      throw entry.inconsistent(e);
    }
  }
}
