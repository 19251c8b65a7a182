package io.karipap.checkpoint.artifact;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.karipap.checkpoint.CheckpointException;
import io.karipap.checkpoint.Failures;
import io.karipap.checkpoint.JsonFields;
import io.karipap.checkpoint.form.FormSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How one matrix of the original model is stored. Its tensors are those whose names begin with
 * {@code name} and a dot.
 *
 * @param name original tensor without {@code .weight}, such as {@code model.layers.0.mlp.up_proj}
 * @param form label of its {@link FormSpec}, such as {@code dense:int3+lowrank}
 * @param rows outputs of the original matrix
 * @param columns inputs of the original matrix
 * @param shape the form's own integers by name, such as grid, outputs, inputs and bonds
 * @param error {@code ||(W-V)X|| / ||WX||} on the calibration text, of the last fit or rounding: a
 *     healing after it moves W-V on purpose
 * @param parameters numbers stored under its name; what a cell shares lies under its first matrix
 */
public record MatrixEntry(
    String name,
    String form,
    int rows,
    int columns,
    Map<String, List<Integer>> shape,
    double error,
    long parameters) {
  /**
   * Copies the shape and sorts it by name.
   *
   * @throws IllegalArgumentException for an unknown form, a size below 1, a negative number of
   *     parameters, or an error that is negative, infinite or not a number
   */
  public MatrixEntry {
    if (!FormSpec.isLabel(form)) {
      throw new IllegalArgumentException(
          "matrix '%s' has the form '%s'; known are %s".formatted(name, form, FormSpec.NAMES));
    }
    if (rows < 1 || columns < 1 || parameters < 0 || !(error >= 0 && error <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "matrix '%s' of %d x %d with %d parameters and error %s"
              .formatted(name, rows, columns, parameters, error));
    }
    SortedMap<String, List<Integer>> sorted = new TreeMap<>();
    shape.forEach((key, values) -> sorted.put(key, List.copyOf(values)));
    shape = Collections.unmodifiableSortedMap(sorted);
  }

  /** The entry of a stored form. */
  public static MatrixEntry of(String name, FormSpec form, double error) {
    return new MatrixEntry(
        name, form.label(), form.rows(), form.columns(), form.integers(), error, form.parameters());
  }

  /**
   * The form that form and shape describe.
   *
   * @throws CheckpointException if the shape's integers are missing or do not fit together
   */
  public FormSpec spec() {
    try {
      return FormSpec.of(form, rows, columns, shape);
    } catch (IllegalArgumentException e) {
      throw inconsistent(e);
    }
  }

  /** What is to be thrown if form and shape fit neither one another nor the stored tensors. */
  public CheckpointException inconsistent(IllegalArgumentException cause) {
    return new CheckpointException(
        "the manifest's shape of " + name + " does not hold together: " + cause.getMessage(),
        cause);
  }

  ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name)
            .put("form", form)
            .put("rows", rows)
            .put("columns", columns);
    ObjectNode shapes = json.putObject("shape");
    shape.forEach((key, values) -> {
      ArrayNode list = shapes.putArray(key);
      values.forEach(list::add);
    });
    return json.put("error", error).put("parameters", parameters);
  }

  static MatrixEntry parse(JsonFields fields) {
    JsonFields shapes = fields.object("shape");
    Map<String, List<Integer>> shape = new TreeMap<>();
    for (Map.Entry<String, ?> entry : shapes.json().properties()) {
      shape.put(
          entry.getKey(), shapes.integers(entry.getKey(), Integer.MIN_VALUE, Integer.MAX_VALUE));
    }
    String form = fields.text("form");
    if (!FormSpec.isLabel(form)) {
      throw fields.wrong(
          "form",
          "is %s; known are %s; use a newer karipap"
              .formatted(Failures.quoted(form), FormSpec.NAMES));
    }
    return new MatrixEntry(
        fields.text("name"),
        form,
        fields.integer("rows", 1, Integer.MAX_VALUE),
        fields.integer("columns", 1, Integer.MAX_VALUE),
        shape,
        fields.number("error", 0, Double.MAX_VALUE),
        fields.longInteger("parameters", 0, Long.MAX_VALUE));
  }
}
