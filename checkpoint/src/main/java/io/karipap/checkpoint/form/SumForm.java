package io.karipap.checkpoint.form;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A sum of two matrices, such as one in few bits and a low-rank correction. Their tensors lie under
 * {@code NAME.base} and {@code NAME.correction}.
 *
 * @param base first term
 * @param correction second term, of the same size
 */
public record SumForm(FormSpec base, FormSpec correction) implements FormSpec {

  static final String BASE = "base.";
  static final String CORRECTION = "correction.";

  @Override
  public int rows() {
    return base.rows();
  }

  @Override
  public int columns() {
    return base.columns();
  }

  @Override
  public String label() {
    return base.label() + "+" + correction.label();
  }

  @Override
  public Map<String, List<Integer>> integers() {
    Map<String, List<Integer>> both = new TreeMap<>();
    base.integers().forEach((key, values) -> both.put(BASE + key, values));
    correction.integers().forEach((key, values) -> both.put(CORRECTION + key, values));
    return both;
  }

  /** Name of the first term of a matrix. */
  public static String base(String name) {
    return name + ".base";
  }

  /** Name of the second term of a matrix. */
  public static String correction(String name) {
    return name + ".correction";
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    return Stream.concat(
            base.tensors(base(name)).stream(), correction.tensors(correction(name)).stream())
        .toList();
  }

  @Override
  public List<StoredTensor> stored(String name) {
    return Stream.concat(
            base.stored(base(name)).stream(), correction.stored(correction(name)).stream())
        .toList();
  }
}
