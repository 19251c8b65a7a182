package io.karipap.checkpoint;

import java.util.List;
import java.util.Map;

/**
 * How one matrix of the original model is stored.
 *
 * @param name original tensor without {@code .weight}, such as {@code model.layers.0.mlp.up_proj}
 * @param form one of {@code dense, lowrank, btt, pepo}
 * @param rows outputs of the original matrix
 * @param columns inputs of the original matrix
 * @param shape the form's own integers by name, such as grid, outputs, inputs and bonds
 * @param error {@code ||(W-V)X|| / ||WX||} on the calibration text
 * @param parameters numbers stored
 */
public record MatrixEntry(
    String name,
    String form,
    int rows,
    int columns,
    Map<String, List<Integer>> shape,
    double error,
    long parameters) {}
