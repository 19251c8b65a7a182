package io.karipap.model;

import io.karipap.tensor.Autograd;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorOwner;
import io.karipap.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;

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

  void clear() {
    tensors.forEach(t -> t.scaleInPlace(0));
  }

  void add(GradientSum other) {
    for (int i = 0; i < tensors.size(); i++) {
      tensors.get(i).addInPlace(other.tensors.get(i), 1);
    }
  }

  /**
   * Adds the gradient of a micro-batch.
   *
   * @param model whose weights are leaves
   * @param share weight of the micro-batch
   * @return its loss, weighted
   */
  double add(Decoder model, Objective objective, long[][] batch, double share) {
    try (var _ = new TensorScope()) {
      long[] flat = Arrays.stream(batch).flatMapToLong(Arrays::stream).toArray();
      Tensor loss = objective.loss(model, Tensor.of(flat, batch.length, batch[0].length));
      List<Tensor> gradients = Autograd.gradients(loss, trained(model.weights()));
      for (int i = 0; i < gradients.size(); i++) {
        tensors.get(i).addInPlace(gradients.get(i), share);
      }
      return loss.item() * share;
    }
  }

  /**
   * The gradients by the variables: those by the applied tensors, taken back through what made
   * these from the variables.
   *
   * @param applied differentiable by the variables, or variables themselves
   */
  List<Tensor> pullBack(List<Tensor> applied, List<Tensor> variables) {
    return Autograd.pullBack(applied, tensors, variables);
  }
}
