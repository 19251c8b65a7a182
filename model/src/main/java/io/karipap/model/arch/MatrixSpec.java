package io.karipap.model.arch;

import java.util.Optional;

/**
 * A matrix that an architecture has, and where it stands. It is [outputs, inputs], a table of
 * embeddings [tokens, outputs].
 *
 * @param name under which weights, artifacts and reports know it
 * @param family short name of what it is, such as {@code q_proj}: matrices of one family differ
 *     only in their block
 * @param role what it does
 * @param block number of its block, -1 for embeddings and head
 * @param input the space that it reads
 * @param output the space that it writes; of embeddings, that of the vectors looked up
 * @param norm name of the gain that its input was multiplied by, where that can be folded into it
 * @param biased whether the vector {@link #bias} is added to its output
 * @param stored where a checkpoint has it
 */
public record MatrixSpec(
    String name,
    String family,
    Role role,
    int block,
    Space input,
    Space output,
    Optional<String> norm,
    boolean biased,
    StoredTensor stored) {

  private static final String WEIGHT = ".weight";

  /**
   * A matrix without norm and bias, stored as {@code NAME.weight}; the last part of its name is its
   * family.
   */
  public static MatrixSpec of(String name, Role role, int block, Space input, Space output) {
    return new MatrixSpec(
        name,
        name.substring(name.lastIndexOf('.') + 1),
        role,
        block,
        input,
        output,
        Optional.empty(),
        false,
        StoredTensor.of(name + WEIGHT));
  }

  /** The same behind a norm, whose gain can be folded into it. */
  public MatrixSpec behind(String gain) {
    return new MatrixSpec(
        name, family, role, block, input, output, Optional.of(gain), biased, stored);
  }

  /** The same with a bias or without. */
  public MatrixSpec withBias(boolean has) {
    return new MatrixSpec(name, family, role, block, input, output, norm, has, stored);
  }

  /** The same, stored elsewhere. */
  public MatrixSpec storedAs(StoredTensor tensor) {
    return new MatrixSpec(name, family, role, block, input, output, norm, biased, tensor);
  }

  /** The same in another family. */
  public MatrixSpec inFamily(String label) {
    return new MatrixSpec(name, label, role, block, input, output, norm, biased, stored);
  }

  /** Output dimension; of a table, the number of tokens. */
  public int rows() {
    return role == Role.EMBED ? input.size() : output.size();
  }

  /** Input dimension; of a table, that of its vectors. */
  public int columns() {
    return role == Role.EMBED ? output.size() : input.size();
  }

  /** Name of its bias among the vectors, if it has one. */
  public String bias() {
    return name + ".bias";
  }

  /** Name of its tensor where it lies alone, as in every artifact. */
  public String weight() {
    return name + WEIGHT;
  }

  /** True for the layers whose output is added to the residual stream. */
  public boolean writesResidual() {
    return inBlock() && output.kind() == Space.Kind.RESIDUAL;
  }

  /** True for the matrices of blocks, false for embeddings and head. */
  public boolean inBlock() {
    return block >= 0;
  }

  /** rows times columns. */
  public long elements() {
    return (long) rows() * columns();
  }
}
