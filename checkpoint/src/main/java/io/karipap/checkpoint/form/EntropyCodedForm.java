package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A form whose tensors are integers between the scales of their rows and of their columns, diag(a)
 * K diag(b), with the integers in as few bits as an entropy coder gives them. Rows are those of a
 * tensor's first dimension. Instead of every tensor of the structure there are {@code .integers}
 * and {@code .scales}.
 *
 * @param structure what the numbers are the tensors of
 * @param streams bytes of the coded integers of every tensor
 */
public record EntropyCodedForm(QuantizableForm structure, List<Integer> streams)
    implements FormSpec {

  /** What stands behind the structure's label. */
  public static final String FORMAT = "coded";

  private static final String STREAMS = "stream_bytes";

  /** Bytes of the two grids that scales lie on. */
  private static final int GRIDS = 16;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if there is not one for every tensor, or it is not positive
   */
  public EntropyCodedForm {
    streams = List.copyOf(streams);
    if (streams.size() != structure.tensors("").size() || streams.stream().anyMatch(s -> s < 1)) {
      throw new IllegalArgumentException(
          "lengths of coded tensors %s are not those of %s".formatted(streams, structure.label()));
    }
  }

  static EntropyCodedForm parse(QuantizableForm structure, FormIntegers integers) {
    return new EntropyCodedForm(structure, integers.list(STREAMS, structure.tensors("").size()));
  }

  @Override
  public int rows() {
    return structure.rows();
  }

  @Override
  public int columns() {
    return structure.columns();
  }

  @Override
  public String label() {
    return structure.label() + ":" + FORMAT;
  }

  @Override
  public Map<String, List<Integer>> integers() {
    Map<String, List<Integer>> all = new TreeMap<>(structure.integers());
    all.put(STREAMS, streams);
    return all;
  }

  /** The structure's tensors, whose names those of their parts begin with. */
  public List<StoredTensor> cores(String name) {
    return structure.tensors(name);
  }

  /** Rows of a tensor: its first dimension. */
  public static int rowsOf(StoredTensor core) {
    return Math.toIntExact(core.shape().getFirst());
  }

  /** Columns of a tensor: all other dimensions. */
  public static int columnsOf(StoredTensor core) {
    return Math.toIntExact(core.elements() / rowsOf(core));
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    List<StoredTensor> cores = cores(name);
    List<StoredTensor> tensors = new ArrayList<>();
    for (int i = 0; i < cores.size(); i++) {
      StoredTensor core = cores.get(i);
      long scales = rowsOf(core) + (long) columnsOf(core);
      tensors.add(StoredTensor.coded(core.name() + ".integers", streams.get(i), core.elements()));
      tensors.add(StoredTensor.coded(core.name() + ".scales", GRIDS + scales, scales));
    }
    return List.copyOf(tensors);
  }
}
