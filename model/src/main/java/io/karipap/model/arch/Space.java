package io.karipap.model.arch;

/**
 * A vector space inside a model: the numbers that one matrix writes and others read. Two matrices
 * with equal spaces meet there, and a change of basis changes both.
 *
 * @param kind of numbers
 * @param name under which a gauge stores the space's basis; no other space of the model has it
 * @param heads parts of equal width, 1 where there are none
 * @param width of one head
 * @param copies how often every head lies after itself: values are read once for each query head
 *     that shares them (Ainslie et al. 2023)
 * @param freedom changes of basis that the computation between the matrices commutes with
 */
public record Space(Kind kind, String name, int heads, int width, int copies, Freedom freedom) {

  /** Kinds of spaces. */
  public enum Kind {
    /** One dimension for each token of the vocabulary. */
    TOKENS,
    /** The sum that all blocks add to. */
    RESIDUAL,
    /** Queries of the heads. */
    QUERIES,
    /** Keys of the heads. */
    KEYS,
    /** Values of the heads. */
    VALUES,
    /** Hidden layer of an MLP. */
    NEURONS
  }

  /** Groups of changes of basis that leave a model's logits as they are. */
  public enum Freedom {
    /** None but the identity. */
    NONE,
    /** Rotations, once the gains of the norms are folded into the matrices that read. */
    ROTATION,
    /** Rotations within each head. */
    HEAD_ROTATION,
    /** Permutations. */
    PERMUTATION
  }

  /** The vocabulary. */
  public static Space tokens(int vocabulary) {
    return new Space(Kind.TOKENS, "tokens", 1, vocabulary, 1, Freedom.NONE);
  }

  /**
   * The residual stream.
   *
   * @param freedom {@link Freedom#ROTATION} if all its norms are root mean squares whose gains can
   *     be folded, else {@link Freedom#NONE}
   */
  public static Space residual(int width, Freedom freedom) {
    return new Space(Kind.RESIDUAL, "residual", 1, width, 1, freedom);
  }

  /** Queries or keys of a block, which positions turn: no basis can be chosen. */
  public static Space fixedHeads(Kind kind, int block, int heads, int width) {
    String name = kind == Kind.QUERIES ? "queries." : "keys.";
    return new Space(kind, name + block, heads, width, 1, Freedom.NONE);
  }

  /** Values of a block. */
  public static Space values(int block, int heads, int width) {
    return new Space(Kind.VALUES, "values." + block, heads, width, 1, Freedom.HEAD_ROTATION);
  }

  /** Neurons of a block's MLP, whose activation acts on each alone. */
  public static Space neurons(int block, int count) {
    return new Space(Kind.NEURONS, "neurons." + block, 1, count, 1, Freedom.PERMUTATION);
  }

  /** The same with every head repeated. */
  public Space repeated(int times) {
    return new Space(kind, name, heads, width, copies * times, freedom);
  }

  /** The same with every head once. */
  public Space single() {
    return new Space(kind, name, heads, width, 1, freedom);
  }

  /** Dimension. */
  public int size() {
    return Math.multiplyExact(heads * copies, width);
  }
}
