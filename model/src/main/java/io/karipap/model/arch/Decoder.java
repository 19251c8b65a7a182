package io.karipap.model.arch;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.Quantized;
import io.karipap.network.Sparse;
import io.karipap.network.Sum;
import io.karipap.network.UnitCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A transformer that predicts tokens: embeddings, blocks, final norm and head of an {@link
 * Architecture}. Original and compressed models are the same class, since every matrix is a {@link
 * Factorization}. A decoder may be made of a part of a model, its embeddings and head or some of
 * its blocks, and does then what that part can do.
 */
public final class Decoder {

  private final Architecture architecture;
  private final Weights weights;
  private final DType compute;
  private final Map<Integer, Block> blocks = new HashMap<>();
  private final UnaryOperator<Tensor> finalNorm;
  private final Optional<Linear> headGain;
  private final Optional<Linear> head;

  /** A decoder that computes in float32. */
  public Decoder(Architecture architecture, Weights weights) {
    this(architecture, weights, DType.F32);
  }

  /**
   * Puts the parameters in their places. Must be made inside a tensor scope, which must stay open
   * while the decoder is used.
   *
   * @param compute element type of the products of matrices; norms, residual stream, attention
   *     weights and logits stay in float32. With F64 and weights in float64 all is float64
   */
  public Decoder(Architecture architecture, Weights weights, DType compute) {
    this.architecture = architecture;
    this.weights = weights;
    this.compute = compute;
    for (int i = 0; i < architecture.config().layers(); i++) {
      if (hasBlock(i)) {
        blocks.put(i, architecture.block(i, weights, compute));
      }
    }
    this.finalNorm = architecture.finalNorm(weights);
    MatrixSpec gain = architecture.headGain();
    this.headGain =
        weights.matrices().containsKey(gain.name())
            ? Optional.of(Linear.of(gain, weights))
            : Optional.empty();
    MatrixSpec table = config().tiedEmbeddings() ? architecture.embeddings() : architecture.head();
    this.head =
        Optional.ofNullable(weights.matrices().get(table.name()))
            .map(matrix -> Linear.of(architecture.head(), matrix, weights));
  }

  private boolean hasBlock(int index) {
    return architecture.matrices().stream()
        .filter(matrix -> matrix.block() == index)
        .allMatch(matrix -> weights.matrices().containsKey(matrix.name()));
  }

  private Block block(int index) {
    return Optional.ofNullable(blocks.get(index))
        .orElseThrow(() -> new IllegalArgumentException("the model has no block " + index));
  }

  private Linear outputs() {
    return head.orElseThrow(() -> new IllegalArgumentException("the model has no head"));
  }

  /** The architecture. */
  public Architecture architecture() {
    return architecture;
  }

  /** The architecture's sizes and tokens. */
  public ModelConfig config() {
    return architecture.config();
  }

  /** The parameters. */
  public Weights weights() {
    return weights;
  }

  /** The same model with some matrices replaced; usable inside the open tensor scope. */
  public Decoder with(Map<String, ? extends Factorization> replacements) {
    return new Decoder(architecture, weights.with(replacements), compute);
  }

  /**
   * Logits of the next token.
   *
   * @param ids int64 [batch, steps]
   * @return [batch, steps, vocabulary]
   * @throws IllegalArgumentException if there are more steps than the model's context is long
   */
  public Tensor logits(Tensor ids) {
    return head(hidden(ids).getLast());
  }

  /**
   * Logits of the next token, with an observer of every linear layer, the head included.
   *
   * @param ids int64 [batch, steps]
   * @return [batch, steps, vocabulary]
   */
  public Tensor logits(Tensor ids, ActivationObserver observer) {
    Tensor normed = gained(hidden(ids, Optional.empty(), observer).getLast().to(compute));
    observer.input(List.of(outputs().name()), normed);
    return Precision.atLeastSingle(outputs().apply(normed, observer));
  }

  /**
   * Logits after the last of some new tokens of one sequence, which are added to the cache.
   *
   * @param ids int64 [1, steps]
   * @return [vocabulary]
   * @throws IllegalArgumentException if the cache, or the model's context, has no room for them
   */
  public Tensor next(Tensor ids, KeyValueCache cache) {
    return nextOfEach(ids, cache).reshape(-1);
  }

  /**
   * Logits after the last of some new tokens of every sequence of a cache, to which they are added.
   *
   * @param ids int64 [sequences, steps]
   * @return [sequences, vocabulary]
   * @throws IllegalArgumentException if the cache, or the model's context, has no room for them
   */
  public Tensor nextOfEach(Tensor ids, KeyValueCache cache) {
    Tensor hidden = hidden(ids, Optional.of(cache), ActivationObserver.NONE).getLast();
    cache.advance(ids.size(1));
    return head(hidden.select(1, hidden.size(1) - 1L));
  }

  /**
   * The residual stream after the embedding, after each block, and last of all after the final
   * norm; each [batch, steps, d].
   */
  public List<Tensor> hidden(Tensor ids) {
    return hidden(ids, Optional.empty(), ActivationObserver.NONE);
  }

  /**
   * The residual stream after some blocks, from its state before them.
   *
   * @param state [batch, steps, d], from the beginning of the sequences on
   * @param from the first block
   * @param count of blocks
   * @return [batch, steps, d]
   */
  public Tensor through(Tensor state, int from, int count) {
    return through(state, from, count, ActivationObserver.NONE);
  }

  /** The same with an observer of the blocks' linear layers. */
  public Tensor through(Tensor state, int from, int count, ActivationObserver observer) {
    Pass pass = pass(0, state.size(1), Optional.empty(), observer);
    Tensor x = state;
    for (int i = from; i < from + count; i++) {
      x = through(x, i, pass);
    }
    return x;
  }

  /** Through one block; what it works out on the way is not kept for the next. */
  private Tensor through(Tensor state, int block, Pass pass) {
    return TensorScope.resultOf(() -> block(block).apply(state, pass));
  }

  /**
   * The residual stream [batch, steps, d] before the first block.
   *
   * @param ids int64 [batch, steps], from the beginning of the sequences on
   */
  public Tensor embedded(Tensor ids) {
    return architecture.embedded(embed(ids), 0, weights);
  }

  /**
   * What the head is given [..., d].
   *
   * @param state of the residual stream after the last block [..., d]
   */
  public Tensor headInput(Tensor state) {
    return gained(normed(state));
  }

  /** The residual stream [..., d] after the final norm, from its state after the last block. */
  public Tensor normed(Tensor state) {
    return finalNorm.apply(state);
  }

  private List<Tensor> hidden(
      Tensor ids, Optional<KeyValueCache> cache, ActivationObserver observer) {
    int start = cache.map(KeyValueCache::length).orElse(0);
    cache.ifPresent(c -> c.requireRoom(ids.size(1)));
    requireContext(start + (long) ids.size(1));
    Pass pass = pass(start, ids.size(1), cache, observer);
    List<Tensor> states = new ArrayList<>();
    Tensor vectors = embed(ids);
    observer.output(architecture.embeddings().name(), vectors);
    Tensor x = architecture.embedded(vectors, start, weights);
    states.add(x);
    for (int i = 0; i < config().layers(); i++) {
      x = through(x, i, pass);
      states.add(x);
    }
    states.add(normed(x));
    return states;
  }

  private Pass pass(
      int start, int count, Optional<KeyValueCache> cache, ActivationObserver observer) {
    DType wide = compute == DType.F64 ? DType.F64 : DType.F32;
    return new Pass(architecture.positions(start, count, wide), cache, observer);
  }

  private void requireContext(long length) {
    if (length > config().contextLength()) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens is longer than the model's context of %d: cut it"
              .formatted(length, config().contextLength()));
    }
  }

  private Tensor embed(Tensor ids) {
    Factorization embeddings = weights.matrix(architecture.embeddings().name());
    return switch (embeddings) {
      case Dense(Tensor table) -> Functions.embedding(table, ids);
      case LowRank(Tensor left, Tensor right) -> Functions.embedding(left, ids).matmul(right);
      case BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sum _, Sparse _ ->
          Functions.embedding(embeddings.matrix(), ids);
    };
  }

  /** Logits [..., vocabulary] of normed states [..., d], in float32 at least. */
  public Tensor head(Tensor normed) {
    return Precision.atLeastSingle(scores(normed));
  }

  /** Logits [..., vocabulary] of normed states [..., d], in the type that products are made in. */
  public Tensor scores(Tensor normed) {
    return outputs().apply(gained(normed.to(compute)));
  }

  private Tensor gained(Tensor normed) {
    return headGain.isPresent() ? headGain.get().apply(normed) : normed;
  }
}
