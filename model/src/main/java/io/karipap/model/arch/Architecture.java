package io.karipap.model.arch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.tensor.DType;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A transformer of some family and size: its matrices and vectors, the spaces between them, and how
 * it computes. Everything else reads these and asks for no name, so that a model family is one
 * class.
 *
 * <p>A model is the embeddings, blocks one after the other, a final norm and a head; {@link
 * Decoder} puts them together.
 */
public interface Architecture {

  /** Sizes and tokens. */
  ModelConfig config();

  /**
   * The same family's architecture of another configuration.
   *
   * @throws io.karipap.checkpoint.CheckpointException if it is not of this family
   */
  Architecture withConfig(ObjectNode json);

  /** All matrices in the order of the forward pass; of a tied table, the embeddings alone. */
  List<MatrixSpec> matrices();

  /** All vectors in the order of the forward pass. */
  List<VectorSpec> vectors();

  /** The head; not among the matrices if it is tied to the embeddings. */
  MatrixSpec head();

  /**
   * Tables that tell the blocks of the positions {@code start}, ..., {@code start + count - 1},
   * made once a pass; none where blocks need none. Called inside a tensor scope.
   *
   * @param type F32 or F64
   */
  List<Tensor> positions(int start, int count, DType type);

  /**
   * The residual stream [batch, steps, d] before the first block.
   *
   * @param vectors of the tokens, looked up [batch, steps, d]
   * @param start position of the first step
   */
  default Tensor embedded(Tensor vectors, int start, Weights weights) {
    return vectors;
  }

  /**
   * A block with its parameters in their places. Other blocks' parameters are not asked for.
   *
   * @param compute element type of the products of matrices
   */
  Block block(int index, Weights weights, DType compute);

  /** The norm before the head, its parameters in their places. */
  UnaryOperator<Tensor> finalNorm(Weights weights);

  /** The table of the tokens' vectors. */
  default MatrixSpec embeddings() {
    return only(Role.EMBED, -1);
  }

  /** The matrix {@link Role#HEAD_GAIN} [d, d], which original models do not have. */
  default MatrixSpec headGain() {
    Space stream = head().input();
    return MatrixSpec.of("model.head_gain", Role.HEAD_GAIN, -1, stream, stream);
  }

  /** The matrix of a block that has a role. */
  default MatrixSpec only(Role role, int block) {
    return matrices().stream()
        .filter(matrix -> matrix.role() == role && matrix.block() == block)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s has no matrix %s in block %d".formatted(config().architecture(), role, block)));
  }

  /**
   * The matrix of a name, the head and its gain included.
   *
   * @throws IllegalArgumentException if there is none
   */
  default MatrixSpec matrix(String name) {
    return Stream.concat(matrices().stream(), Stream.of(head(), headGain()))
        .filter(matrix -> matrix.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the model has no matrix " + name));
  }

  /** The spaces that matrices read or write, each once. */
  default List<Space> spaces() {
    return matrices().stream()
        .flatMap(matrix -> Stream.of(matrix.input(), matrix.output()))
        .map(Space::single)
        .distinct()
        .toList();
  }
}
