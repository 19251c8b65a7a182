package io.karipap.checkpoint.form;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A form whose numbers are stored in few bits. Instead of every tensor of the structure there are
 * those that {@link NumberFormat#tensors} lists.
 *
 * @param structure what the numbers are the tensors of
 * @param format of all numbers
 * @param groups for every tensor of the structure, its shape and its groups
 */
public record QuantizedForm(
    QuantizableForm structure, NumberFormat format, List<GroupLayout> groups) implements FormSpec {

  private static final String ROWS = "group_rows";
  private static final String SIZES = "group_sizes";

  /**
   * Checks the groups against the structure.
   *
   * @throws IllegalArgumentException if they are not of its tensors
   */
  public QuantizedForm {
    groups = List.copyOf(groups);
    List<List<Long>> shapes = shapes(structure);
    if (!groups.stream().map(GroupLayout::shape).toList().equals(shapes)) {
      throw new IllegalArgumentException(
          "groups of tensors %s are not those of %s".formatted(groups, shapes));
    }
  }

  private static List<List<Long>> shapes(QuantizableForm structure) {
    return structure.tensors("").stream().map(StoredTensor::shape).toList();
  }

  static QuantizedForm parse(
      QuantizableForm structure, NumberFormat format, FormIntegers integers) {
    List<List<Long>> shapes = shapes(structure);
    List<Integer> rows = integers.list(ROWS, shapes.size());
    List<Integer> sizes = integers.list(SIZES, shapes.size());
    List<GroupLayout> groups = new ArrayList<>();
    for (int core = 0; core < shapes.size(); core++) {
      long elements = shapes.get(core).stream().reduce(1L, Math::multiplyExact);
      if (rows.get(core) < 1 || elements % rows.get(core) != 0) {
        throw new IllegalArgumentException(
            "%d elements of core %d are not %d rows".formatted(elements, core, rows.get(core)));
      }
      int columns = Math.toIntExact(elements / rows.get(core));
      groups.add(new GroupLayout(shapes.get(core), rows.get(core), columns, sizes.get(core)));
    }
    return new QuantizedForm(structure, format, groups);
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
    return structure.label() + ":" + format.label();
  }

  @Override
  public Map<String, List<Integer>> integers() {
    Map<String, List<Integer>> all = new TreeMap<>(structure.integers());
    all.put(ROWS, groups.stream().map(GroupLayout::rows).toList());
    all.put(SIZES, groups.stream().map(GroupLayout::size).toList());
    return all;
  }

  /** The names of the structure's tensors, which those of their parts begin with. */
  public List<String> cores(String name) {
    return structure.tensors(name).stream().map(StoredTensor::name).toList();
  }

  @Override
  public List<StoredTensor> tensors(String name) {
    List<String> cores = cores(name);
    List<StoredTensor> tensors = new ArrayList<>();
    for (int core = 0; core < cores.size(); core++) {
      tensors.addAll(format.tensors(cores.get(core), groups.get(core)));
    }
    return List.copyOf(tensors);
  }
}
