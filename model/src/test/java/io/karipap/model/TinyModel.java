package io.karipap.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.config.LlamaConfig;
import io.karipap.checkpoint.form.BlockShape;
import io.karipap.checkpoint.form.CellShape;
import io.karipap.checkpoint.form.Lattice;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.MatrixSpec;
import io.karipap.model.arch.Role;
import io.karipap.model.arch.VectorSpec;
import io.karipap.model.arch.Weights;
import io.karipap.model.family.LlamaArchitecture;
import io.karipap.network.BlockTensorTrain;
import io.karipap.network.Dense;
import io.karipap.network.Factorization;
import io.karipap.network.LowRank;
import io.karipap.network.Pepo;
import io.karipap.network.UnitCell;
import io.karipap.tensor.DType;
import io.karipap.tensor.RandomTensors;
import io.karipap.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Models small enough for finite differences and for loops over every number. */
public final class TinyModel {

  private static final String BASE =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 12,
       "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2,
       "vocab_size": 17, "max_position_embeddings": 24, "rms_norm_eps": 1e-5,
       "rope_theta": 100.0}
      """;

  /** Names of matrices outside of blocks. */
  public static final String EMBEDDINGS = "model.embed_tokens";

  public static final String HEAD = "lm_head";
  public static final String HEAD_GAIN = "model.head_gain";

  private TinyModel() {}

  /** The smallest LLaMA. */
  public static LlamaArchitecture architecture() {
    return architecture("{}");
  }

  /** The smallest LLaMA with some fields of config.json replaced. */
  public static LlamaArchitecture architecture(String overrides) {
    return LlamaArchitecture.of(config(overrides));
  }

  /** Its configuration. */
  public static LlamaConfig config(String overrides) {
    try {
      ObjectMapper mapper = new ObjectMapper();
      ObjectNode json = (ObjectNode) mapper.readTree(BASE);
      json.setAll((ObjectNode) mapper.readTree(overrides.replace('\'', '"')));
      return LlamaConfig.parse(json, "test");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Dense float64 weights, large enough for every layer to matter, with biases and gains that are
   * not trivial.
   */
  public static Weights weights(Architecture architecture, long seed) {
    RandomTensors random = new RandomTensors(seed);
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (MatrixSpec name : architecture.matrices()) {
      Tensor values = random.normal(DType.F64, name.rows(), name.columns());
      matrices.put(name.name(), new Dense(values.mul(1.2 / Math.sqrt(name.columns()))));
    }
    for (VectorSpec name : architecture.vectors()) {
      Tensor noise = random.normal(DType.F64, name.size()).mul(0.3);
      vectors.put(name.name(), name.isGain() ? noise.add(1) : noise);
    }
    return new Weights(matrices, vectors);
  }

  /** The same in float32. */
  public static Weights single(Weights weights) {
    return weights.map(t -> t.to(DType.F32));
  }

  /** The weights with matrices of the first block in every form, and low-rank embeddings. */
  public static Weights factorized(Architecture architecture, Weights weights, long seed) {
    RandomTensors random = new RandomTensors(seed);
    Map<String, Factorization> replacements = new LinkedHashMap<>();
    for (MatrixSpec name : architecture.matrices()) {
      int m = name.rows();
      int n = name.columns();
      if (name.block() == 0) {
        switch (name.family()) {
          case "q_proj", "up_proj" -> replacements.put(name.name(), pepo(random, m, n));
          case "k_proj", "down_proj" -> replacements.put(name.name(), blockTrain(random, m, n));
          case "o_proj" -> replacements.put(name.name(), lowRank(random, m, n));
          default -> {}
        }
      }
      if (name.role() == Role.EMBED) {
        replacements.put(name.name(), lowRank(random, m, n));
      }
    }
    return weights.with(replacements);
  }

  /** Rank 5. */
  public static LowRank lowRank(RandomTensors random, int rows, int columns) {
    return new LowRank(
        random.normal(DType.F64, rows, 5).mul(0.3), random.normal(DType.F64, 5, columns).mul(0.5));
  }

  /** Two factors of rank 2, with padding unless 3 divides the rows and 4 the columns. */
  public static BlockTensorTrain blockTrain(RandomTensors random, int rows, int columns) {
    BlockShape shape =
        new BlockShape(3, Math.ceilDiv(rows, 3), 4, Math.ceilDiv(columns, 4), 2, rows, columns);
    return new BlockTensorTrain(
        shape,
        random.normal(DType.F64, shape.left()).mul(0.4),
        random.normal(DType.F64, shape.right()).mul(0.4));
  }

  /** Two by two sites with bonds 2, with padding unless 4 divides both sizes. */
  public static Pepo pepo(RandomTensors random, int rows, int columns) {
    Lattice lattice =
        new Lattice(
            2,
            2,
            List.of(2, 2, 1, Math.ceilDiv(rows, 4)),
            List.of(2, 1, 2, Math.ceilDiv(columns, 4)),
            List.of(2, 2),
            List.of(2, 2),
            rows,
            columns);
    List<Tensor> cores = new ArrayList<>();
    for (int site = 0; site < lattice.sites(); site++) {
      cores.add(random.normal(DType.F64, lattice.shape(site)).mul(0.5));
    }
    return new Pepo(lattice, cores);
  }

  /**
   * The same matrix of consecutive blocks as a cell, V_l = L lambda_l R of rank 3, which costs less
   * than the matrix, or a ring.
   */
  public static List<UnitCell> cells(
      RandomTensors random, int rows, int columns, int count, boolean ring) {
    CellShape shape =
        ring
            ? CellShape.translationInvariant(pepo(random, rows, columns).lattice())
            : CellShape.pair(rows, columns, 3, true, true, CellShape.BondMatrix.FULL);
    List<Tensor> cores = new ArrayList<>();
    for (long[] size : shape.shapes()) {
      cores.add(random.normal(DType.F64, size).mul(0.5));
    }
    List<UnitCell> cells = new ArrayList<>();
    for (int member = 0; member < count; member++) {
      for (int core = 0; core < cores.size(); core++) {
        if (!shape.isShared(core)) {
          cores.set(core, random.normal(DType.F64, shape.shapes().get(core)).mul(0.7));
        }
      }
      cells.add(new UnitCell(shape, member, cores));
    }
    return cells;
  }

  /** The weights with the up projections of all blocks as a pair cell, the queries as a ring. */
  public static Weights shared(Architecture architecture, Weights weights, long seed) {
    RandomTensors random = new RandomTensors(seed);
    Map<String, Factorization> replacements = new LinkedHashMap<>();
    List<UnitCell> up =
        cells(
            random,
            architecture.only(Role.UP, 0).rows(),
            architecture.config().hiddenSize(),
            architecture.config().layers(),
            false);
    List<UnitCell> query =
        cells(
            random,
            architecture.config().hiddenSize(),
            architecture.config().hiddenSize(),
            architecture.config().layers(),
            true);
    for (int block = 0; block < architecture.config().layers(); block++) {
      replacements.put("model.layers." + block + ".mlp.up_proj", up.get(block));
      replacements.put("model.layers." + block + ".self_attn.q_proj", query.get(block));
    }
    return weights.with(replacements);
  }

  /** Random ids. */
  public static int[] ids(Architecture architecture, int count, long seed) {
    return new Random(seed).ints(count, 0, architecture.config().vocabularySize()).toArray();
  }

  /** Ids [1, steps] as a tensor. */
  public static Tensor tensor(int... ids) {
    return Tensor.of(java.util.Arrays.stream(ids).asLongStream().toArray(), 1, ids.length);
  }

  /**
   * A model whose logits depend on the last token alone: {@code logits[token]}. One block that adds
   * nothing, one-hot embeddings and the table as its head.
   */
  public static Decoder bigram(double[][] logits, int context, String overrides) {
    int vocabulary = logits.length;
    LlamaConfig config =
        config(
            """
            {'hidden_size': %d, 'vocab_size': %d, 'intermediate_size': 2, 'num_hidden_layers': 1,
             'num_attention_heads': 1, 'head_dim': 2, 'max_position_embeddings': %d, 'rms_norm_eps': 0}
            """
                .formatted(vocabulary, vocabulary, context));
    LlamaArchitecture changed = architecture(merged(config.model().raw(), overrides));
    Map<String, Factorization> matrices = new LinkedHashMap<>();
    for (MatrixSpec name : changed.matrices()) {
      matrices.put(name.name(), new Dense(Tensor.zeros(DType.F64, name.rows(), name.columns())));
    }
    double[] head = new double[vocabulary * vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      for (int next = 0; next < vocabulary; next++) {
        // a one-hot vector leaves the norm with length sqrt(vocabulary)
        head[next * vocabulary + token] = logits[token][next] / Math.sqrt(vocabulary);
      }
    }
    matrices.put(EMBEDDINGS, new Dense(Tensor.eye(DType.F64, vocabulary)));
    matrices.put(HEAD, new Dense(Tensor.of(head, vocabulary, vocabulary)));
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    changed
        .vectors()
        .forEach(name -> vectors.put(name.name(), Tensor.full(1, DType.F64, name.size())));
    return new Decoder(changed, new Weights(matrices, vectors), DType.F64);
  }

  private static String merged(ObjectNode json, String overrides) {
    try {
      json.setAll((ObjectNode) new ObjectMapper().readTree(overrides.replace('\'', '"')));
      return json.toString();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
