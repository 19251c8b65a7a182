package io.karipap.model.train;

import io.karipap.network.Factorization;
import io.karipap.network.Quantized;
import io.karipap.network.Sum;
import io.karipap.network.quantize.StraightThrough;
import io.karipap.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/** A matrix as a function of trained variables. */
public sealed interface MatrixTraining
    permits MatrixTraining.Cores,
        MatrixTraining.Fixed,
        MatrixTraining.Terms,
        MatrixTraining.Scales,
        MatrixTraining.ThroughRounding,
        Adapter {

  /** Values of the variables to start from; the same tensors at every call. */
  List<Tensor> start();

  /** The matrix that variables make, differentiable by them. */
  Factorization applied(List<Tensor> variables);

  /** The matrix as it is stored. */
  Factorization stored(List<Tensor> variables);

  /** All cores are variables; of a quantized core its scales and shifts are. */
  record Cores(Factorization matrix) implements MatrixTraining {

    @Override
    public List<Tensor> start() {
      return matrix.cores();
    }

    @Override
    public Factorization applied(List<Tensor> variables) {
      return matrix.withCores(variables);
    }

    @Override
    public Factorization stored(List<Tensor> variables) {
      return matrix.withCores(variables);
    }
  }

  /** Nothing is trained. */
  record Fixed(Factorization matrix) implements MatrixTraining {

    @Override
    public List<Tensor> start() {
      return List.of();
    }

    @Override
    public Factorization applied(List<Tensor> variables) {
      return matrix;
    }

    @Override
    public Factorization stored(List<Tensor> variables) {
      return matrix;
    }
  }

  /** A sum; each term has variables of its own. */
  record Terms(MatrixTraining base, MatrixTraining correction) implements MatrixTraining {

    @Override
    public List<Tensor> start() {
      return Stream.concat(base.start().stream(), correction.start().stream()).toList();
    }

    @Override
    public Sum applied(List<Tensor> variables) {
      int split = base.start().size();
      return new Sum(
          base.applied(variables.subList(0, split)),
          correction.applied(variables.subList(split, variables.size())));
    }

    @Override
    public Sum stored(List<Tensor> variables) {
      int split = base.start().size();
      return new Sum(
          base.stored(variables.subList(0, split)),
          correction.stored(variables.subList(split, variables.size())));
    }
  }

  /** Quantized cores: scales and shifts are trained, codes are not (PEQA, Kim et al. 2023). */
  record Scales(Quantized codes, List<GridTraining> grids) implements MatrixTraining {

    /** With the scales and shifts to start from. Must be called inside a tensor scope. */
    static Scales of(Quantized codes) {
      return new Scales(codes, codes.tensors().stream().map(GridTraining::of).toList());
    }

    @Override
    public List<Tensor> start() {
      return grids.stream().flatMap(grid -> grid.start().stream()).toList();
    }

    @Override
    public Factorization applied(List<Tensor> variables) {
      return stored(variables).dequantized();
    }

    @Override
    public Quantized stored(List<Tensor> variables) {
      return GridTraining.replaced(codes, grids, variables);
    }
  }

  /**
   * Quantized cores with a latent number behind every code. Each step rounds the latent numbers to
   * codes and takes 1 as the gradient of the rounding; scales and shifts are trained too ({@link
   * StraightThrough}).
   *
   * @param latents one a core, of its shape
   */
  record ThroughRounding(Quantized codes, List<Tensor> latents, List<GridTraining> grids)
      implements MatrixTraining {

    /** Latent numbers that start at the values of the codes. Must be called in a tensor scope. */
    static ThroughRounding of(Quantized codes) {
      return new ThroughRounding(
          codes,
          codes.dequantized().cores(),
          codes.tensors().stream().map(GridTraining::of).toList());
    }

    @Override
    public List<Tensor> start() {
      return Stream.concat(latents.stream(), grids.stream().flatMap(grid -> grid.start().stream()))
          .toList();
    }

    @Override
    public Factorization applied(List<Tensor> variables) {
      return StraightThrough.through(grids(variables), variables.subList(0, latents.size()));
    }

    @Override
    public Quantized stored(List<Tensor> variables) {
      return StraightThrough.freeze(grids(variables), variables.subList(0, latents.size()));
    }

    private Quantized grids(List<Tensor> variables) {
      return GridTraining.replaced(
          codes, grids, variables.subList(latents.size(), variables.size()));
    }
  }
}
