package io.karipap.model.generate;

import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.KeyValueCache;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.OptionalInt;

/**
 * The tokens that continue a prompt, each computed when it is asked for. Holds keys and values of
 * the tokens so far until it is closed.
 */
public final class TokenStream implements AutoCloseable {

  private final Decoder model;
  private final Generator generator;
  private final KeyValueCache cache;
  private long[] fresh;
  private int left;
  private boolean closed;

  /**
   * A stream at its beginning.
   *
   * @param prompt tokens, not more than the context
   * @param limit largest number of tokens
   */
  TokenStream(Decoder model, Generator generator, long[] prompt, int limit) {
    this.model = model;
    this.generator = generator;
    this.fresh = prompt;
    this.left = limit;
    try (var _ = new TensorScope()) {
      int context = model.config().contextLength();
      this.cache =
          new KeyValueCache(
              model.architecture(), (int) Math.min(context, prompt.length + (long) limit));
    }
  }

  /**
   * The next token; none at the limit, the end of the context, or an end-of-sequence token.
   *
   * @throws IllegalStateException if the stream is closed
   */
  public OptionalInt next() {
    if (closed) {
      throw new IllegalStateException("the tokens' model is closed: nothing more can be computed");
    }
    if (left == 0 || cache.length() == cache.capacity()) {
      return OptionalInt.empty();
    }
    int id;
    try (var _ = new TensorScope();
        var _ = Autograd.off()) {
      id = generator.choose(model.next(Tensor.of(fresh, 1, fresh.length), cache).toFloats());
    }
    if (model.config().eosTokenIds().contains(id)) {
      left = 0;
      return OptionalInt.empty();
    }
    left--;
    fresh = new long[] {id};
    return OptionalInt.of(id);
  }

  @Override
  public void close() {
    closed = true;
    cache.close();
  }
}
