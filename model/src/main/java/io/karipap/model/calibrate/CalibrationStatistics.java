package io.karipap.model.calibrate;

import io.karipap.model.arch.ActivationMemory;
import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.io.WeightSource;
import io.karipap.model.text.TokenSequence;
import io.karipap.model.text.Windows;
import io.karipap.model.text.Windows.Window;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Workers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.DoubleConsumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What the linear layers of a model see on a text: C = E[x x^T] of every layer's input, in float64.
 *
 * <p>They are collected block by block, and may be kept in a folder: then those of one block are in
 * memory at a time.
 */
public final class CalibrationStatistics implements AutoCloseable {

  private static final int BATCH_TOKENS = 2048;

  /** C by the name of the first layer that sees the input. */
  private final Map<String, Supplier<Tensor>> covariances;

  /** The first of the layers that share an input, by the name of each of them. */
  private final SequencedMap<String, String> inputs;

  private final TensorOwner owner;
  private final Tensor counts;
  private final long tokens;
  private final int windows;

  private CalibrationStatistics(
      Map<String, Supplier<Tensor>> covariances,
      SequencedMap<String, String> inputs,
      TensorOwner owner,
      Tensor counts,
      int windows) {
    this.covariances = covariances;
    this.inputs = inputs;
    this.owner = owner;
    this.counts = counts;
    this.tokens = Math.round(counts.sum().item());
    this.windows = windows;
  }

  /**
   * Runs a model that is in memory over windows. Must be called inside a tensor scope.
   *
   * @param progress told the share done, from 0 to 1
   * @throws IllegalArgumentException if there are no windows
   */
  public static CalibrationStatistics collect(
      Decoder model, List<TokenSequence> documents, List<Window> windows, DoubleConsumer progress) {
    return collect(
        _ -> model, model.architecture(), documents, windows, Optional.empty(), progress);
  }

  /**
   * Runs a model over windows, the parameters of one block in memory at a time. Must be called
   * inside a tensor scope.
   *
   * @param folder keeps the statistics; a later call with the same folder reads them and does not
   *     run the model
   * @param progress told the share done, from 0 to 1
   * @throws IllegalArgumentException if there are no windows
   */
  public static CalibrationStatistics collect(
      WeightSource model,
      List<TokenSequence> documents,
      List<Window> windows,
      CovarianceFolder folder,
      DoubleConsumer progress) {
    return collect(
        block -> new Decoder(model.architecture(), model.block(block)),
        model.architecture(),
        documents,
        windows,
        Optional.of(folder),
        progress);
  }

  private static CalibrationStatistics collect(
      IntFunction<Decoder> parts,
      Architecture architecture,
      List<TokenSequence> documents,
      List<Window> windows,
      Optional<CovarianceFolder> folder,
      DoubleConsumer progress) {
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("the calibration text has no tokens");
    }
    Optional<CalibrationStatistics> kept = folder.flatMap(CalibrationStatistics::read);
    if (kept.isPresent()) {
      return kept.get();
    }
    List<Tensor> batches =
        Windows.unpadded(windows, BATCH_TOKENS).stream()
            .map(batch -> Windows.ids(documents, batch))
            .toList();
    int blocks = architecture.config().layers();
    Tensor counts = Tensor.zeros(DType.F64, architecture.config().vocabularySize());
    for (Tensor ids : batches) {
      counts.addAtInPlace(ids.reshape(-1), Tensor.full(1, DType.F64, ids.elements()));
    }
    Collection collection = new Collection(folder, Math.round(counts.sum().item()));
    Counter done = new Counter((long) blocks * batches.size(), progress);
    int atATime = ActivationMemory.batchesAtATime(architecture, BATCH_TOKENS);
    try (var workers = new Workers(atATime);
        var forward = BlockwiseForward.begin(parts, batches, workers)) {
      for (int block = 0; block < blocks; block++) {
        forward.through(
            block,
            Products::new,
            products -> {
              collection.add(products);
              done.run();
            });
        collection.keep();
      }
      forward.toHead(x -> {
        Products products = new Products();
        products.input(List.of(architecture.head().name()), x);
        collection.add(products);
      });
      collection.keep();
    }
    return collection.statistics(counts, windows.size());
  }

  /** Tells the share that is done. */
  private static final class Counter implements Runnable {

    private final long all;
    private final DoubleConsumer progress;
    private long done;

    Counter(long all, DoubleConsumer progress) {
      this.all = all;
      this.progress = progress;
    }

    @Override
    public void run() {
      done++;
      progress.accept((double) done / all);
    }
  }

  /** Sums of x x^T over one batch. */
  private static final class Products implements ActivationObserver, AutoCloseable {

    private final SequencedMap<String, String> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> sums = new LinkedHashMap<>();
    private final TensorOwner owner = new TensorOwner();

    @Override
    public void input(List<String> names, Tensor x) {
      try (var _ = new TensorScope()) {
        Tensor rows = x.reshape(-1, x.size(-1)).to(DType.F64);
        sums.put(names.getFirst(), owner.own(rows.transpose().matmul(rows)));
      }
      names.forEach(name -> inputs.put(name, names.getFirst()));
    }

    @Override
    public void close() {
      owner.close();
    }
  }

  /** Statistics while they are collected. */
  private static final class Collection {

    private final Optional<CovarianceFolder> folder;
    private final long tokens;
    private final TensorOwner owner = new TensorOwner();
    private final Map<String, Supplier<Tensor>> covariances = new LinkedHashMap<>();
    private final SequencedMap<String, String> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> sums = new LinkedHashMap<>(); // of the block at work
    private TensorOwner block = new TensorOwner();

    Collection(Optional<CovarianceFolder> folder, long tokens) {
      this.folder = folder;
      this.tokens = tokens;
    }

    void add(Products products) {
      try (products) {
        products.sums.forEach((layer, product) -> {
          Tensor sum = sums.get(layer);
          if (sum == null) {
            sums.put(layer, block.own(product));
          } else {
            sum.addInPlace(product, 1);
          }
        });
        inputs.putAll(products.inputs);
      }
    }

    /** Puts the block's statistics away: into the folder, or among those in memory. */
    void keep() {
      sums.forEach((layer, sum) -> {
        sum.scaleInPlace(1.0 / tokens);
        folder.ifPresentOrElse(
            f -> {
              f.put(layer, sum);
              covariances.put(layer, () -> f.get(layer));
            },
            () -> {
              Tensor held = owner.own(sum);
              covariances.put(layer, () -> held);
            });
      });
      sums.clear();
      block.close();
      block = new TensorOwner();
    }

    CalibrationStatistics statistics(Tensor counts, int windows) {
      folder.ifPresent(f -> f.finish(counts, new CovarianceFolder.Index(windows, inputs)));
      return new CalibrationStatistics(covariances, inputs, owner, owner.own(counts), windows);
    }
  }

  private static Optional<CalibrationStatistics> read(CovarianceFolder folder) {
    return folder
        .index()
        .map(index -> {
          TensorOwner owner = new TensorOwner();
          Map<String, Supplier<Tensor>> covariances = new LinkedHashMap<>();
          index.inputs().values().forEach(layer -> covariances.put(layer, () -> folder.get(layer)));
          return new CalibrationStatistics(
              covariances, index.inputs(), owner, owner.own(folder.counts()), index.windows());
        });
  }

  /**
   * The statistics of a model whose layers' inputs are others, each worked out when it is asked
   * for. They are open as long as these are.
   *
   * @param change the new C of a layer's input, from the name of the first of the layers that share
   *     it and their C
   */
  public CalibrationStatistics map(BiFunction<String, Tensor, Tensor> change) {
    Map<String, Supplier<Tensor>> mapped = new LinkedHashMap<>();
    covariances.forEach((layer, c) -> mapped.put(layer, () -> change.apply(layer, c.get())));
    return new CalibrationStatistics(mapped, inputs, new TensorOwner(), counts, windows);
  }

  /**
   * C [columns, columns] of a layer's input. Must be called inside a tensor scope, which it may not
   * outlive, nor these statistics.
   *
   * @throws IllegalArgumentException if the layer was not seen
   */
  public Tensor covariance(String layer) {
    return Objects.requireNonNull(covariances.get(input(layer))).get();
  }

  /** The first of the layers that share a layer's input: all of them have the same C. */
  public String input(String layer) {
    return Optional.ofNullable(inputs.get(layer))
        .orElseThrow(() -> new IllegalArgumentException("no layer " + layer + " was seen"));
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
