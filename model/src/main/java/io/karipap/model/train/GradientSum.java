package io.karipap.model.train;

import io.karipap.model.arch.Decoder;
import io.karipap.model.arch.Weights;
import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Gradients summed over micro-batches.
 *
 * @param tensors one per tensor that the model applies and that is trained, in the order of {@link
 *     Weights#tensors}
 */
record GradientSum(List<Tensor> tensors) {

  /** The tensors of a model that are functions of variables, or variables. */
  static List<Tensor> trained(Weights weights) {
    return weights.tensors().stream().filter(Tensor::isDifferentiable).toList();
  }

  /** Zeros of the shapes of some tensors, held by an owner. */
  static GradientSum zeros(List<Tensor> like, TensorOwner owner) {
    return new GradientSum(like.stream().map(t -> owner.own(t.detach().zerosLike())).toList());
  }

  void add(GradientSum other) {
    for (int i = 0; i < tensors.size(); i++) {
      tensors.get(i).addInPlace(other.tensors.get(i), 1);
    }
  }

  /**
   * Overwrites this sum by the sum of the gradients of micro-batches.
   *
   * @param model whose weights are leaves
   * @param windows that a step has, of which a micro-batch weighs its part
   * @return the losses, weighted
   */
  double set(Decoder model, Objective objective, List<long[][]> batches, int windows) {
    if (batches.isEmpty()) {
      tensors.forEach(t -> t.scaleInPlace(0));
    }
    double loss = 0;
    BiConsumer<Tensor, Tensor> take = Tensor::copyFrom; // a pass less than adding to zeros
    for (long[][] batch : batches) {
      loss += gradient(model, objective, batch, (double) batch.length / windows, take);
      take = (sum, own) -> sum.addInPlace(own, 1);
    }
    return loss;
  }

  private double gradient(
      Decoder model,
      Objective objective,
      long[][] batch,
      double share,
      BiConsumer<Tensor, Tensor> take) {
    try (var _ = new TensorScope()) {
      long[] flat = Arrays.stream(batch).flatMapToLong(Arrays::stream).toArray();
      Tensor ids = Tensor.of(flat, batch.length, batch[0].length);
      Tensor loss = objective.loss(model, ids).mul(share);
      List<Tensor> gradients = Autograd.gradients(loss, trained(model.weights()));
      for (int i = 0; i < gradients.size(); i++) {
        take.accept(tensors.get(i), gradients.get(i));
      }
      return loss.item();
    }
  }

  /**
   * The gradients by the variables: the gradients by the applied tensors, pulled back through the
   * function that made these from the variables.
   *
   * @param applied differentiable by the variables, or variables themselves
   */
  List<Tensor> pullBack(List<Tensor> applied, List<Tensor> variables) {
    return Autograd.pullBack(applied, tensors, variables);
  }
}
