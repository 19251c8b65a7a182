package io.karipap.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Reverse-mode automatic differentiation. */
public final class Autograd {

  private Autograd() {}

  /** While open, operations of this thread record no graph. */
  public static final class Off implements AutoCloseable {
    private final NoGradGuard guard;

    private Off() {
      Libtorch.load();
      guard = new NoGradGuard();
      // held by the guard itself, not by whatever scope is open: it must not be undone early
      guard.retainReference();
    }

    @Override
    public void close() {
      guard.releaseReference();
      guard.deallocate();
    }
  }

  /** Switches recording off until the result is closed. */
  public static Off off() {
    return new Off();
  }

  /**
   * Gradients of a scalar.
   *
   * @param loss a tensor of one element
   * @param inputs leaves made with {@link Tensor#leaf}, or tensors that were computed from leaves
   * @return d loss / d input, of each input's shape, in their order; zeros for an input that the
   *     loss does not depend on
   */
  public static List<Tensor> gradients(Tensor loss, List<Tensor> inputs) {
    return gradients(List.of(loss), new TensorVector(), inputs);
  }

  /**
   * Gradients of a scalar, given its gradients by some tensors: these are propagated back to the
   * inputs.
   *
   * @param outputs computed from the inputs, or inputs themselves
   * @param outputGradients of each output's shape and type
   * @param inputs leaves made with {@link Tensor#leaf}
   * @return of each input's shape, in their order; zeros for an input that no output depends on. An
   *     input that is an output may have the given gradient itself
   */
  public static List<Tensor> pullBack(
      List<Tensor> outputs, List<Tensor> outputGradients, List<Tensor> inputs) {
    return gradients(outputs, Native.vector(outputGradients), inputs);
  }

  private static List<Tensor> gradients(
      List<Tensor> outputs, TensorVector outputGradients, List<Tensor> inputs) {
    TensorVector gradients =
        Native.value(
            "gradient",
            () ->
                torch.grad(
                    Native.vector(outputs),
                    Native.vector(inputs),
                    outputGradients,
                    new BoolOptional(),
                    false,
                    true),
            outputs.toArray(Tensor[]::new));
    List<Tensor> result = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      var gradient = gradients.get(i);
      result.add(gradient.defined() ? Native.copyOf(gradient) : inputs.get(i).detach().zerosLike());
    }
    return result;
  }
}
