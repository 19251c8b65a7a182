package io.karipap.model.calibrate;

import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Decoder;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * A forward pass that takes all sequences through one block before any goes through the next. So
 * the parameters of one block need to be in memory at a time, beside the residual stream of all
 * sequences, 4 d bytes a token.
 */
public final class BlockwiseForward implements AutoCloseable {

  /** The part of a model outside of all blocks: embeddings, final norm and head. */
  public static final int OUTSIDE = -1;

  private final IntFunction<Decoder> parts;
  private final List<TensorOwner> owners = new ArrayList<>();
  private final List<Tensor> streams = new ArrayList<>();

  private BlockwiseForward(IntFunction<Decoder> parts) {
    this.parts = parts;
  }

  /**
   * The residual stream before the first block.
   *
   * @param parts of a model by the number of a block or {@link #OUTSIDE}; asked for inside a tensor
   *     scope that is open as long as the part is used
   * @param batches ids of sequences, each [sequences, steps]
   */
  public static BlockwiseForward begin(IntFunction<Decoder> parts, List<Tensor> batches) {
    BlockwiseForward forward = new BlockwiseForward(parts);
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder outside = parts.apply(OUTSIDE);
      for (Tensor ids : batches) {
        try (var _ = new TensorScope()) {
          TensorOwner owner = new TensorOwner();
          forward.owners.add(owner);
          forward.streams.add(owner.own(outside.embedded(ids)));
        }
      }
    }
    return forward;
  }

  /**
   * Takes all sequences through a block.
   *
   * @param block the number after that of the call before, 0 in the first
   * @param observer shown what the block's layers are given; tensors are gone after the call
   * @param done called after each batch
   */
  public void through(int block, ActivationObserver observer, Runnable done) {
    try (var _ = Autograd.off();
        var _ = new TensorScope()) {
      Decoder part = parts.apply(block);
      replaceEach(stream -> part.through(stream, block, 1, observer), done);
    }
  }

  private void replaceEach(UnaryOperator<Tensor> step, Runnable done) {
    for (int i = 0; i < streams.size(); i++) {
      TensorOwner before = owners.get(i);
      try (var _ = new TensorScope()) {
        TensorOwner after = new TensorOwner();
        streams.set(i, after.own(step.apply(streams.get(i))));
        owners.set(i, after);
      }
      before.close();
      done.run();
    }
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
    owners.forEach(TensorOwner::close);
  }
}
