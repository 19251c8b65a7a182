package io.karipap.model.arch;

import io.karipap.checkpoint.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A matrix that an architecture has, and where it stands.
 *
 * @param name Hugging Face name, without the suffix {@code .weight}
 * @param family last part of the name, such as {@code q_proj}: matrices of one family differ only
 *     in their block
 * @param block number of its block, -1 for embeddings and head
 * @param rows output dimension
 * @param columns input dimension
 */
public record MatrixSpec(String name, String family, int block, int rows, int columns) {

  /** All matrices in the order of the forward pass. */
  public static List<MatrixSpec> all(ModelConfig config) {
    int d = config.hiddenSize();
    int queries = config.heads() * config.headDimension();
    int keys = config.keyValueHeads() * config.headDimension();
    int ffn = config.intermediateSize();
    List<MatrixSpec> all = new ArrayList<>();
    all.add(outside(Decoder.EMBEDDINGS, "embed_tokens", config));
    for (int i = 0; i < config.layers(); i++) {
      String attention = "model.layers." + i + ".self_attn.";
      all.add(new MatrixSpec(attention + "q_proj", "q_proj", i, queries, d));
      all.add(new MatrixSpec(attention + "k_proj", "k_proj", i, keys, d));
      all.add(new MatrixSpec(attention + "v_proj", "v_proj", i, keys, d));
      all.add(new MatrixSpec(attention + "o_proj", "o_proj", i, d, queries));
      String mlp = "model.layers." + i + ".mlp.";
      all.add(new MatrixSpec(mlp + "gate_proj", "gate_proj", i, ffn, d));
      all.add(new MatrixSpec(mlp + "up_proj", "up_proj", i, ffn, d));
      all.add(new MatrixSpec(mlp + "down_proj", "down_proj", i, d, ffn));
    }
    if (!config.tiedEmbeddings()) {
      all.add(outside(Decoder.HEAD, Decoder.HEAD, config));
    }
    return all;
  }

  private static MatrixSpec outside(String name, String family, ModelConfig config) {
    return new MatrixSpec(name, family, -1, config.vocabularySize(), config.hiddenSize());
  }

  /** The matrix {@link Decoder#HEAD_GAIN}, which original models do not have. */
  public static MatrixSpec headGain(ModelConfig config) {
    return new MatrixSpec(
        Decoder.HEAD_GAIN, "head_gain", -1, config.hiddenSize(), config.hiddenSize());
  }

  /** True for the layers whose output is added to the residual stream. */
  public boolean writesResidual() {
    return family.equals("o_proj") || family.equals("down_proj");
  }

  /** True for the matrices of blocks, false for embeddings and head. */
  public boolean inBlock() {
    return block >= 0;
  }

  /** rows times columns. */
  public long elements() {
    return (long) rows * columns;
  }
}
