package io.karipap.sketch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.JsonFields;
import io.karipap.checkpoint.config.ConfigFile;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Block;
import io.karipap.model.arch.Family;
import io.karipap.model.arch.Linear;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Pass;
import io.karipap.model.arch.Precision;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.Space;
import io.karipap.model.arch.StoredTensor;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.DType;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A family that the library does not know, in the manner of GPT-2: learned positions, LayerNorm
 * with gain and bias, queries, keys and values in one tensor stored as [inputs, outputs], an MLP
 * without a gate, and the table of embeddings as the head.
 */
record SketchArchitecture(
    ModelConfig config, int heads, int neurons, List<MatrixSpec> matrices, List<VectorSpec> vectors)
    implements Architecture {

  static final Family FAMILY = new Family(List.of("SketchLMHeadModel"), SketchArchitecture::of);

  private static final double EPSILON = 1e-5;

  private static SketchArchitecture of(ConfigFile file) {
    JsonFields fields = file.fields();
    ModelConfig config =
        ModelConfig.of(
            file,
            fields.integer("n_embd", 1, 1 << 16),
            fields.integer("n_layer", 1, 1 << 10),
            fields.integer("vocab_size", 1, 1 << 24),
            fields.integer("n_positions", 1, 1 << 20),
            true);
    int heads = fields.integer("n_head", 1, config.hiddenSize());
    int neurons = fields.integer("n_inner", 1, 1 << 20);
    List<MatrixSpec> matrices = new ArrayList<>();
    matrices.add(
        MatrixSpec.of(
            "wte", Role.EMBED, -1, Space.tokens(config.vocabularySize()), stream(config)));
    for (int i = 0; i < config.layers(); i++) {
      matrices.addAll(block(config, heads, neurons, i));
    }
    return new SketchArchitecture(config, heads, neurons, matrices, vectors(config, matrices));
  }

  /** No rotation commutes with the means that LayerNorm takes. */
  private static Space stream(ModelConfig config) {
    return Space.residual(config.hiddenSize(), Space.Freedom.NONE);
  }

  private static List<MatrixSpec> block(ModelConfig config, int heads, int neurons, int block) {
    int d = config.hiddenSize();
    int width = d / heads;
    String prefix = "h." + block + ".";
    StoredTensor fused = StoredTensor.of(prefix + "attn.c_attn.weight").transpose();
    Space stream = stream(config);
    Space values = Space.values(block, heads, width);
    Space hidden = Space.neurons(block, neurons);
    return List.of(
        MatrixSpec.of(
                prefix + "attn.query",
                Role.QUERY,
                block,
                stream,
                Space.fixedHeads(Space.Kind.QUERIES, block, heads, width))
            .withBias(true)
            .storedAs(fused.rows(0, 3 * d)),
        MatrixSpec.of(
                prefix + "attn.key",
                Role.KEY,
                block,
                stream,
                Space.fixedHeads(Space.Kind.KEYS, block, heads, width))
            .withBias(true)
            .storedAs(fused.rows(d, 3 * d)),
        MatrixSpec.of(prefix + "attn.value", Role.VALUE, block, stream, values)
            .withBias(true)
            .storedAs(fused.rows(2 * d, 3 * d)),
        plain(MatrixSpec.of(prefix + "attn.c_proj", Role.OUT, block, values, stream))
            .inFamily("attn.c_proj"),
        plain(MatrixSpec.of(prefix + "mlp.c_fc", Role.UP, block, stream, hidden)),
        plain(MatrixSpec.of(prefix + "mlp.c_proj", Role.DOWN, block, hidden, stream))
            .inFamily("mlp.c_proj"));
  }

  private static MatrixSpec plain(MatrixSpec matrix) {
    return matrix.withBias(true).storedAs(StoredTensor.of(matrix.weight()).transpose());
  }

  private static List<VectorSpec> vectors(ModelConfig config, List<MatrixSpec> matrices) {
    int d = config.hiddenSize();
    List<VectorSpec> all = new ArrayList<>();
    all.add(VectorSpec.table("wpe.weight", config.contextLength(), d));
    List<String> norms = new ArrayList<>();
    IntStream.range(0, config.layers())
        .forEach(i -> norms.addAll(List.of("h.%d.ln_1".formatted(i), "h.%d.ln_2".formatted(i))));
    norms.add("ln_f");
    for (String norm : norms) {
      all.add(VectorSpec.gain(norm + ".weight", d));
      all.add(VectorSpec.bias(norm + ".bias", d));
    }
    for (MatrixSpec matrix : matrices) {
      if (matrix.biased()) {
        all.add(bias(matrix));
      }
    }
    return all;
  }

  /** The bias lies where its matrix does. */
  private static VectorSpec bias(MatrixSpec matrix) {
    String weight = matrix.stored().names().getFirst();
    StoredTensor tensor = StoredTensor.of(weight.replace(".weight", ".bias"));
    return VectorSpec.biasOf(matrix)
        .storedAs(matrix.stored().rows().map(r -> tensor.rows(r.start(), r.all())).orElse(tensor));
  }

  @Override
  public Architecture withConfig(ObjectNode json) {
    return of(ConfigFile.of(json, "config.json"));
  }

  @Override
  public MatrixSpec head() {
    Space tokens = Space.tokens(config.vocabularySize());
    return MatrixSpec.of("lm_head", Role.HEAD, -1, stream(config), tokens);
  }

  @Override
  public List<Tensor> positions(int start, int count, DType type) {
    return List.of();
  }

  @Override
  public Tensor embedded(Tensor vectors, int start, Weights weights) {
    return vectors.add(weights.vector("wpe.weight").narrow(0, start, vectors.size(1)));
  }

  @Override
  public Block block(int index, Weights weights, DType compute) {
    UnaryOperator<Tensor> first = norm("h.%d.ln_1".formatted(index), weights);
    UnaryOperator<Tensor> second = norm("h.%d.ln_2".formatted(index), weights);
    Linear query = linear(Role.QUERY, index, weights);
    Linear key = linear(Role.KEY, index, weights);
    Linear value = linear(Role.VALUE, index, weights);
    Linear out = linear(Role.OUT, index, weights);
    Linear up = linear(Role.UP, index, weights);
    Linear down = linear(Role.DOWN, index, weights);
    return (x, pass) -> {
      Tensor normed = first.apply(x).to(compute);
      pass.observer().input(List.of(query.name(), key.name(), value.name()), normed);
      Tensor q = split(query.apply(normed, pass.observer()));
      Tensor k = split(key.apply(normed, pass.observer()));
      Tensor v = split(value.apply(normed, pass.observer()));
      Tensor mixed = attended(q, k, v, index, pass).to(compute);
      pass.observer().input(List.of(out.name()), mixed);
      Tensor y = x.add(out.apply(mixed, pass.observer()));
      Tensor again = second.apply(y).to(compute);
      pass.observer().input(List.of(up.name()), again);
      Tensor hidden = Functions.silu(up.apply(again, pass.observer()));
      pass.observer().input(List.of(down.name()), hidden);
      return y.add(down.apply(hidden, pass.observer()));
    };
  }

  private Tensor split(Tensor x) {
    return Precision.atLeastSingle(x).reshape(x.size(0), x.size(1), heads, -1).transpose(1, 2);
  }

  private static Tensor attended(Tensor q, Tensor k, Tensor v, int block, Pass pass) {
    Tensor keys = pass.cache().map(c -> c.appendKeys(block, k)).orElse(k);
    Tensor values = pass.cache().map(c -> c.appendValues(block, v)).orElse(v);
    int steps = q.size(2);
    int before = keys.size(2) - steps;
    Tensor mixed =
        before == 0
            ? Functions.attention(q, keys, values, true)
            : Functions.attention(q, keys, values, mask(steps, before).to(q.dtype()));
    return mixed.transpose(1, 2).reshape(q.size(0), steps, -1);
  }

  private static Tensor mask(int steps, int before) {
    float[] mask = new float[steps * (before + steps)];
    for (int i = 0; i < steps; i++) {
      for (int j = before + i + 1; j < before + steps; j++) {
        mask[i * (before + steps) + j] = Float.NEGATIVE_INFINITY;
      }
    }
    return Tensor.of(mask, steps, (long) before + steps);
  }

  private Linear linear(Role role, int block, Weights weights) {
    return Linear.of(only(role, block), weights);
  }

  @Override
  public UnaryOperator<Tensor> finalNorm(Weights weights) {
    return norm("ln_f", weights);
  }

  /** (x - mean) / deviation * gain + bias (Ba et al. 2016, equation 4). */
  private static UnaryOperator<Tensor> norm(String name, Weights weights) {
    Tensor gain = weights.vector(name + ".weight");
    Tensor bias = weights.vector(name + ".bias");
    return x -> {
      double n = x.size(-1);
      Tensor centred = x.sub(x.sum(-1).unsqueeze(-1).mul(1 / n));
      Tensor variance = centred.square().sum(-1).unsqueeze(-1).mul(1 / n);
      return centred.mul(variance.add(EPSILON).pow(-0.5)).mul(gain).add(bias);
    };
  }
}
