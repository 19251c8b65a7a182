package io.karipap.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Block;
import io.karipap.model.arch.Family;
import io.karipap.model.arch.Linear;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Space;
import io.karipap.model.arch.StoredTensor;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * LLaMA 1-3, Mistral, Qwen2 and SmolLM, which differ only in their {@link LlamaConfig}: root mean
 * square norms, grouped-query attention with rotary positions, and a gated MLP.
 *
 * @param llama its configuration
 * @param matrices in the order of the forward pass
 * @param vectors in the order of the forward pass
 */
public record LlamaArchitecture(
    LlamaConfig llama, List<MatrixSpec> matrices, List<VectorSpec> vectors)
    implements Architecture {

  /** How a configuration becomes an architecture. */
  public static final Family FAMILY =
      new Family(LlamaConfig.ARCHITECTURES, file -> of(LlamaConfig.parse(file)));

  private static final String EMBEDDINGS = "model.embed_tokens";
  private static final String HEAD = "lm_head";
  private static final String FINAL_NORM = "model.norm.weight";

  /** Copies the lists. */
  public LlamaArchitecture {
    matrices = List.copyOf(matrices);
    vectors = List.copyOf(vectors);
  }

  /** The architecture of a configuration. */
  public static LlamaArchitecture of(LlamaConfig config) {
    List<MatrixSpec> matrices = matrices(config);
    return new LlamaArchitecture(config, matrices, vectors(config, matrices));
  }

  private static List<MatrixSpec> matrices(LlamaConfig config) {
    Space tokens = Space.tokens(config.model().vocabularySize());
    Space stream = stream(config);
    MatrixSpec embeddings = MatrixSpec.of(EMBEDDINGS, Role.EMBED, -1, tokens, stream);
    List<MatrixSpec> all = new ArrayList<>();
    all.add(
        config.model().tiedEmbeddings()
            ? embeddings.storedAs(StoredTensor.of(embeddings.weight(), head(config).weight()))
            : embeddings);
    for (int i = 0; i < config.model().layers(); i++) {
      all.addAll(attention(config, i));
      all.addAll(mlp(config, i));
    }
    if (!config.model().tiedEmbeddings()) {
      all.add(head(config));
    }
    return all;
  }

  private static Space stream(LlamaConfig config) {
    return Space.residual(config.model().hiddenSize(), Space.Freedom.ROTATION);
  }

  private static List<MatrixSpec> attention(LlamaConfig config, int block) {
    String prefix = prefix(block) + "self_attn.";
    int width = config.headDimension();
    Space stream = stream(config);
    Space queries = Space.fixedHeads(Space.Kind.QUERIES, block, config.heads(), width);
    Space keys = Space.fixedHeads(Space.Kind.KEYS, block, config.keyValueHeads(), width);
    Space values = Space.values(block, config.keyValueHeads(), width);
    Space mixed = values.repeated(config.heads() / config.keyValueHeads());
    String norm = attentionNorm(block);
    boolean bias = config.attentionBias();
    return List.of(
        MatrixSpec.of(prefix + "q_proj", Role.QUERY, block, stream, queries)
            .behind(norm)
            .withBias(bias),
        MatrixSpec.of(prefix + "k_proj", Role.KEY, block, stream, keys).behind(norm).withBias(bias),
        MatrixSpec.of(prefix + "v_proj", Role.VALUE, block, stream, values)
            .behind(norm)
            .withBias(bias),
        MatrixSpec.of(prefix + "o_proj", Role.OUT, block, mixed, stream)
            .withBias(config.attentionOutputBias()));
  }

  private static List<MatrixSpec> mlp(LlamaConfig config, int block) {
    String prefix = prefix(block) + "mlp.";
    Space stream = stream(config);
    Space neurons = Space.neurons(block, config.intermediateSize());
    String norm = mlpNorm(block);
    boolean bias = config.mlpBias();
    return List.of(
        MatrixSpec.of(prefix + "gate_proj", Role.GATE, block, stream, neurons)
            .behind(norm)
            .withBias(bias),
        MatrixSpec.of(prefix + "up_proj", Role.UP, block, stream, neurons)
            .behind(norm)
            .withBias(bias),
        MatrixSpec.of(prefix + "down_proj", Role.DOWN, block, neurons, stream).withBias(bias));
  }

  private static MatrixSpec head(LlamaConfig config) {
    return MatrixSpec.of(
            HEAD, Role.HEAD, -1, stream(config), Space.tokens(config.model().vocabularySize()))
        .behind(FINAL_NORM);
  }

  private static List<VectorSpec> vectors(LlamaConfig config, List<MatrixSpec> matrices) {
    List<VectorSpec> all = new ArrayList<>();
    for (int i = 0; i < config.model().layers(); i++) {
      all.add(VectorSpec.gain(attentionNorm(i), config.model().hiddenSize()));
      all.add(VectorSpec.gain(mlpNorm(i), config.model().hiddenSize()));
    }
    all.add(VectorSpec.gain(FINAL_NORM, config.model().hiddenSize()));
    matrices.stream().filter(MatrixSpec::biased).map(VectorSpec::biasOf).forEach(all::add);
    return all;
  }

  private static String prefix(int block) {
    return "model.layers." + block + ".";
  }

  private static String attentionNorm(int block) {
    return prefix(block) + "input_layernorm.weight";
  }

  private static String mlpNorm(int block) {
    return prefix(block) + "post_attention_layernorm.weight";
  }

  @Override
  public ModelConfig config() {
    return llama.model();
  }

  @Override
  public LlamaArchitecture withConfig(ObjectNode json) {
    return of(LlamaConfig.parse(json, "config.json"));
  }

  @Override
  public MatrixSpec head() {
    return head(llama);
  }

  @Override
  public List<Tensor> positions(int start, int count, DType type) {
    return RotaryEmbedding.of(llama, start, count, type).tables();
  }

  @Override
  public Block block(int index, Weights weights, DType compute) {
    RmsNorm attentionNorm = norm(attentionNorm(index), weights);
    RmsNorm mlpNorm = norm(mlpNorm(index), weights);
    Attention attention =
        new Attention(
            llama,
            linear(Role.QUERY, index, weights),
            linear(Role.KEY, index, weights),
            linear(Role.VALUE, index, weights),
            linear(Role.OUT, index, weights),
            index);
    Mlp mlp =
        new Mlp(
            linear(Role.GATE, index, weights),
            linear(Role.UP, index, weights),
            linear(Role.DOWN, index, weights));
    return (x, pass) -> {
      Tensor y =
          TensorScope.resultOf(
              () -> x.add(attention.apply(attentionNorm.apply(x).to(compute), pass)));
      return y.add(mlp.apply(mlpNorm.apply(y).to(compute), pass.observer()));
    };
  }

  private Linear linear(Role role, int block, Weights weights) {
    return Linear.of(only(role, block), weights);
  }

  @Override
  public UnaryOperator<Tensor> finalNorm(Weights weights) {
    return norm(FINAL_NORM, weights)::apply;
  }

  private RmsNorm norm(String gain, Weights weights) {
    return new RmsNorm(weights.vector(gain), llama.normEpsilon());
  }
}
