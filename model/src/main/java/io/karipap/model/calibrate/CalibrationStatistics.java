package io.karipap.model.calibrate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.DoubleConsumer;

/**
 * What the linear layers of a model see on a text: C = E[x x^T] of every layer's input, in float64.
 *
 * <p>Layers that share an input share its tensor.
 */
public final class CalibrationStatistics implements AutoCloseable {

  private static final int BATCH_TOKENS = 2048;

  /** C by the name of the first layer that sees the input. */
  private final Map<String, Tensor> covariances = new LinkedHashMap<>();

  /** The first of the layers that share an input, by the name of each of them. */
  private final Map<String, String> inputs = new HashMap<>();

  private final TensorOwner owner = new TensorOwner();
  private final Tensor counts;
  private long tokens;
  private int windows;

  private CalibrationStatistics(Tensor counts) {
    this.counts = owner.own(counts);
  }

  /**
   * Runs a model over windows. Must be called inside a tensor scope.
   *
   * @param progress told the share done, from 0 to 1
   */
  public static CalibrationStatistics collect(
      Decoder model, List<TokenSequence> documents, List<Window> windows, DoubleConsumer progress) {
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("the calibration text has no tokens");
    }
    CalibrationStatistics statistics =
        new CalibrationStatistics(Tensor.zeros(DType.F64, model.config().vocabularySize()));
    try (var _ = Autograd.off()) {
      for (List<Window> batch : Windows.unpadded(windows, BATCH_TOKENS)) {
        statistics.add(model, Windows.ids(documents, batch));
        statistics.windows += batch.size();
        progress.accept((double) statistics.windows / windows.size());
      }
    }
    statistics.covariances.values().forEach(c -> c.scaleInPlace(1.0 / statistics.tokens));
    return statistics;
  }

  private void add(Decoder model, Tensor ids) {
    try (var _ = new TensorScope()) {
      model.observe(ids, this::accumulate);
      Tensor flat = ids.reshape(-1);
      counts.addAtInPlace(flat, Tensor.full(1, DType.F64, flat.elements()));
      tokens += ids.elements();
    }
  }

  private void accumulate(List<String> names, Tensor x) {
    Tensor rows = x.reshape(-1, x.size(-1)).to(DType.F64);
    Tensor sum =
        covariances.computeIfAbsent(
            names.getFirst(), _ -> owner.own(Tensor.zeros(DType.F64, x.size(-1), x.size(-1))));
    sum.addInPlace(rows.transpose().matmul(rows), 1);
    names.forEach(name -> inputs.put(name, names.getFirst()));
  }

  /**
   * The statistics of a model whose layers' inputs are others. Must be called inside a tensor
   * scope.
   *
   * @param change the new C of a layer's input, from the name of one of the layers that share it
   *     and their C
   */
  public CalibrationStatistics map(BiFunction<String, Tensor, Tensor> change) {
    CalibrationStatistics mapped = new CalibrationStatistics(counts.copy());
    mapped.tokens = tokens;
    mapped.windows = windows;
    mapped.inputs.putAll(inputs);
    covariances.forEach((layer, c) -> {
      try (var _ = new TensorScope()) {
        mapped.covariances.put(layer, mapped.owner.own(change.apply(layer, c)));
      }
    });
    return mapped;
  }

  /** C [columns, columns] of a layer's input; valid until these statistics are closed. */
  public Tensor covariance(String layer) {
    return Objects.requireNonNull(covariances.get(input(layer)));
  }

  /** The first of the layers that share a layer's input: all of them have the same C. */
  public String input(String layer) {
    String first = inputs.get(layer);
    if (first == null) {
      throw new IllegalArgumentException("no layer " + layer + " was seen");
    }
    return first;
  }

  /**
   * Share of every token of the vocabulary in the text, float64. Must be called inside a tensor
   * scope.
   */
  public Tensor frequencies() {
    return counts.mul(1.0 / tokens);
  }

  /** Number of windows seen. */
  public int windows() {
    return windows;
  }

  /** Number of tokens seen. */
  public long tokens() {
    return tokens;
  }

  @Override
  public void close() {
    owner.close();
  }
}
