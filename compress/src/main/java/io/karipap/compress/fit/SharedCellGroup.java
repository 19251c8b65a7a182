package io.karipap.compress.fit;

import io.karipap.compress.FactorizationKind;
import io.karipap.compress.Plan;
import io.karipap.model.arch.Architecture;
import io.karipap.model.arch.MatrixSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same matrix of consecutive blocks, which may share tensors.
 *
 * @param entries of the plan, by block
 */
record SharedCellGroup(List<Plan.Entry> entries) {

  SharedCellGroup {
    entries = List.copyOf(entries);
  }

  /**
   * The groups of a plan: matrices planned as cells, and, if asked for, those planned as auto.
   * Every family is cut into runs of consecutive blocks, the last one possibly shorter.
   *
   * @param blocks in a run; 0 means all blocks for cells, and no groups for auto
   */
  static List<SharedCellGroup> of(Plan plan, Architecture architecture, int blocks) {
    Map<String, MatrixSpec> names = new LinkedHashMap<>();
    architecture.matrices().forEach(name -> names.put(name.name(), name));
    Map<String, List<Plan.Entry>> runs = new LinkedHashMap<>();
    int length = blocks == 0 ? architecture.config().layers() : blocks;
    for (Plan.Entry entry : plan.matrices()) {
      MatrixSpec name = names.get(entry.name());
      FactorizationKind form = FactorizationKind.of(entry.form());
      boolean wanted =
          form == FactorizationKind.CELL || (form == FactorizationKind.AUTO && blocks > 1);
      if (wanted && name != null && name.inBlock()) {
        String run = "%s %s %d".formatted(form, name.family(), name.block() / length);
        runs.computeIfAbsent(run, _ -> new ArrayList<>()).add(entry);
      }
    }
    return runs.values().stream()
        .map(SharedCellGroup::new)
        // a plan edited by hand may have gaps; and a matrix alone has its own fit already
        .filter(group -> group.isPlannedAsCell() || group.entries.size() > 1)
        .filter(group -> group.requireConsecutive(names))
        .toList();
  }

  private boolean requireConsecutive(Map<String, MatrixSpec> names) {
    int previous = -1;
    for (Plan.Entry entry : entries) {
      MatrixSpec name = names.get(entry.name());
      int block = name == null ? -1 : name.block();
      if (previous >= 0 && block != previous + 1) {
        if (isPlannedAsCell()) {
          throw new IllegalArgumentException(
              "the blocks of a cell must follow each other: %s has a gap before it"
                  .formatted(entry.name()));
        }
        return false;
      }
      previous = block;
    }
    return true;
  }

  /** Under this name its fit is stored. */
  String key() {
    return "cell." + entries.getFirst().name();
  }

  /** True if the matrices have no other fit. */
  boolean isPlannedAsCell() {
    return FactorizationKind.of(entries.getFirst().form()) == FactorizationKind.CELL;
  }

  /** The most parameters of all together. */
  long budget() {
    return entries.stream().mapToLong(Plan.Entry::budget).sum();
  }
}
