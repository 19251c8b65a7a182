package io.karipap.model.calibrate;

import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Decoder;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import io.karipap.tensor.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * A forward pass that takes all sequences through one block before any goes through the next. So
 * the parameters of one block need to be in memory at a time, beside the residual stream of all
 * sequences, 4 d bytes a token.
 */
public final class BlockwiseForward implements AutoCloseable {

  /** The part of a model outside of all blocks: embeddings, final norm and head. */
  public static final int OUTSIDE = -1;

  private final IntFunction<Decoder> parts;
  private final TensorOwner owner = new TensorOwner();
  private final List<Tensor> streams = new ArrayList<>();
  private final Workers workers;

  private BlockwiseForward(IntFunction<Decoder> parts, Workers workers) {
    this.parts = parts;
    this.workers = workers;
  }

  /**
   * The residual stream before the first block.
   *
   * @param parts of a model by the number of a block or {@link #OUTSIDE}; asked for inside a tensor
   *     scope that is open as long as the part is used
   * @param batches ids of sequences, each [sequences, steps]
   * @param workers take batches through a block side by side
   */
  public static BlockwiseForward begin(
      IntFunction<Decoder> parts, List<Tensor> batches, Workers workers) {
    BlockwiseForward forward = new BlockwiseForward(parts, workers);
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder outside = parts.apply(OUTSIDE);
      for (Tensor ids : batches) {
        forward.streams.add(forward.owner.own(TensorScope.resultOf(() -> outside.embedded(ids))));
      }
    }
    return forward;
  }

  /**
   * Takes all sequences through a block.
   *
   * @param block the number after that of the call before, 0 in the first
   * @param observers makes an observer for each batch, which is shown what the block's layers are
   *     given; the tensors are gone afterwards
   * @param done given the observer of each batch in the order of the batches, one at a time, so
   *     that sums do not depend on the number of workers
   */
  public <T extends ActivationObserver> void through(
      int block, Supplier<T> observers, Consumer<T> done) {
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder part = parts.apply(block);
      for (int start = 0; start < streams.size(); start += workers.count()) {
        List<Callable<T>> tasks = new ArrayList<>();
        for (Tensor stream :
            streams.subList(start, Math.min(start + workers.count(), streams.size()))) {
          tasks.add(() -> through(part, block, stream, observers.get()));
        }
        workers.run(tasks).forEach(done);
      }
    }
  }

  /** Puts the new state in the place of the old one: memory for it is not asked for again. */
  private static <T extends ActivationObserver> T through(
      Decoder part, int block, Tensor stream, T observer) {
    try (var _ = Autograd.off()) {
      stream.copyFrom(part.through(stream, block, 1, observer));
    }
    return observer;
  }

  /**
   * Shows what the head is given behind all blocks, [sequences, steps, d] of each batch; tensors
   * are gone after the call.
   */
  public void toHead(Consumer<Tensor> seen) {
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder outside = parts.apply(OUTSIDE);
      for (Tensor stream : streams) {
        try (var _ = new TensorScope()) {
          seen.accept(outside.headInput(stream));
        }
      }
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
