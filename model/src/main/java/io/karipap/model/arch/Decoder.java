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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A LLaMA-family decoder: LLaMA 1-3, Mistral, Qwen2 and SmolLM differ only in their {@link
 * ModelConfig}. Original and compressed models are the same class, since every matrix is a {@link
 * Factorization}.
 */
public final class Decoder {

  /** Name of the token embeddings among the matrices. */
  public static final String EMBEDDINGS = "model.embed_tokens";

  /** Name of the output head among the matrices; with tied embeddings there is none. */
  public static final String HEAD = "lm_head";

  /**
   * Name of an optional matrix [d, d] among the matrices that stands for the final norm's gain: it
   * is applied between final norm and head. A tied table in a rotated basis needs one; original
   * models have none.
   */
  public static final String HEAD_GAIN = "model.head_gain";

  private record Block(RmsNorm inputNorm, Attention attention, RmsNorm mlpNorm, Mlp mlp) {}

  private final ModelConfig config;
  private final Weights weights;
  private final DType compute;
  private final List<Block> blocks = new ArrayList<>();
  private final RmsNorm finalNorm;
  private final Optional<Linear> headGain;
  private final Linear head;

  /** A decoder that computes in float32. */
  public Decoder(ModelConfig config, Weights weights) {
    this(config, weights, DType.F32);
  }

  /**
   * Puts the parameters in their places. Must be made inside a tensor scope, which must stay open
   * while the decoder is used.
   *
   * @param compute element type of the products of matrices; norms, residual stream, attention
   *     weights and logits stay in float32. With F64 and weights in float64 all is float64
   */
  public Decoder(ModelConfig config, Weights weights, DType compute) {
    this.config = config;
    this.weights = weights;
    this.compute = compute;
    for (int i = 0; i < config.layers(); i++) {
      String prefix = "model.layers." + i + ".";
      blocks.add(
          new Block(
              norm(prefix + "input_layernorm.weight"),
              Attention.of(config, weights, i),
              norm(prefix + "post_attention_layernorm.weight"),
              Mlp.of(config, weights, i)));
    }
    this.finalNorm = norm("model.norm.weight");
    this.headGain =
        Optional.ofNullable(weights.matrices().get(HEAD_GAIN))
            .map(gain -> new Linear(HEAD_GAIN, gain, Optional.empty()));
    this.head =
        new Linear(
            HEAD, weights.matrix(config.tiedEmbeddings() ? EMBEDDINGS : HEAD), Optional.empty());
  }

  private RmsNorm norm(String name) {
    return new RmsNorm(weights.vector(name), config.normEpsilon());
  }

  /** The architecture. */
  public ModelConfig config() {
    return config;
  }

  /** The parameters. */
  public Weights weights() {
    return weights;
  }

  /** The same model with some matrices replaced; usable inside the open tensor scope. */
  public Decoder with(Map<String, ? extends Factorization> replacements) {
    return new Decoder(config, weights.with(replacements), compute);
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
    observer.input(List.of(HEAD), normed);
    return Precision.atLeastSingle(head.apply(normed, observer));
  }

  /**
   * Shows an observer what every linear layer, the head included, is given for ids [batch, steps];
   * the head itself is not applied.
   */
  public void observe(Tensor ids, ActivationObserver observer) {
    Tensor normed = hidden(ids, Optional.empty(), observer).getLast();
    observer.input(List.of(HEAD), gained(normed));
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
    RotaryEmbedding rotary = rotary(0, state.size(1));
    Tensor x = state;
    for (Block block : blocks.subList(from, from + count)) {
      x = apply(block, x, rotary, Optional.empty(), ActivationObserver.NONE);
    }
    return x;
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
    RotaryEmbedding rotary = rotary(start, ids.size(1));
    List<Tensor> states = new ArrayList<>();
    Tensor x = embed(ids);
    observer.output(EMBEDDINGS, x);
    states.add(x);
    for (Block block : blocks) {
      x = apply(block, x, rotary, cache, observer);
      states.add(x);
    }
    states.add(normed(x));
    return states;
  }

  private RotaryEmbedding rotary(int start, int count) {
    DType wide = compute == DType.F64 ? DType.F64 : DType.F32;
    return RotaryEmbedding.of(config, start, count, wide);
  }

  private void requireContext(long length) {
    if (length > config.contextLength()) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens is longer than the model's context of %d: cut it"
              .formatted(length, config.contextLength()));
    }
  }

  private Tensor apply(
      Block block,
      Tensor x,
      RotaryEmbedding rotary,
      Optional<KeyValueCache> cache,
      ActivationObserver observer) {
    Tensor normed = block.inputNorm().apply(x).to(compute);
    Tensor y = x.add(block.attention().apply(normed, rotary, cache, observer));
    return y.add(block.mlp().apply(block.mlpNorm().apply(y).to(compute), observer));
  }

  private Tensor embed(Tensor ids) {
    return switch (weights.matrix(EMBEDDINGS)) {
      case Dense(Tensor table) -> Functions.embedding(table, ids);
      case LowRank(Tensor left, Tensor right) -> Functions.embedding(left, ids).matmul(right);
      case BlockTensorTrain _, Pepo _, UnitCell _, Quantized _, Sum _, Sparse _ ->
          Functions.embedding(weights.matrix(EMBEDDINGS).matrix(), ids);
    };
  }

  /** Logits [..., vocabulary] of normed states [..., d], in float32 at least. */
  public Tensor head(Tensor normed) {
    return Precision.atLeastSingle(scores(normed));
  }

  /** Logits [..., vocabulary] of normed states [..., d], in the type that products are made in. */
  public Tensor scores(Tensor normed) {
    return head.apply(gained(normed.to(compute)));
  }

  private Tensor gained(Tensor normed) {
    return headGain.isPresent() ? headGain.get().apply(normed) : normed;
  }
}
