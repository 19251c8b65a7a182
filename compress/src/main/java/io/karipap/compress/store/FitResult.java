package io.karipap.compress.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.karipap.checkpoint.artifact.MatrixEntry;
import io.karipap.checkpoint.safetensors.ElementType;
import io.karipap.model.io.StoredFactorization;
import io.karipap.model.io.TensorFiles;
import io.karipap.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A finished fit in the bytes of its files, so that it can come from another process.
 *
 * @param name of the fit
 * @param entries NAME.json: the manifest's lines about its matrices
 * @param cores NAME.safetensors; empty if the fit has no matrices
 */
@SuppressWarnings("ArrayRecordComponent") // compared with nothing
public record FitResult(String name, byte[] entries, Optional<byte[]> cores) {

  /** The result of a fit; without matrices, if it was not better than the fits before it. */
  public static FitResult of(String name, List<FittedMatrix> matrices) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    matrices.forEach(
        m -> tensors.putAll(StoredFactorization.tensors(m.entry().name(), m.factorization())));
    return new FitResult(
        name,
        json(matrices.stream().map(FittedMatrix::entry).toList()),
        matrices.isEmpty()
            ? Optional.empty()
            : Optional.of(TensorFiles.encode(tensors, ElementType.F32)));
  }

  private static byte[] json(List<MatrixEntry> entries) {
    try {
      return new ObjectMapper().writeValueAsString(entries).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("entries can always be written", e);
    }
  }
}
