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
   * @param inputs leaves made with {@link Tensor#leaf}, or what was computed from such leaves
   * @return d loss / d input, of each input's shape, in their order; zeros for an input that the
   *     loss does not depend on
   */
  public static List<Tensor> gradients(Tensor loss, List<Tensor> inputs) {
    TensorVector gradients =
        Native.value(
            "gradient",
            () ->
                torch.grad(
                    new TensorVector(loss.handle()),
                    Native.vector(inputs),
                    new TensorVector(),
                    new BoolOptional(),
                    false,
                    true),
            loss);
    List<Tensor> result = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      var gradient = gradients.get(i);
      result.add(gradient.defined() ? Native.copyOf(gradient) : inputs.get(i).detach().zerosLike());
    }
    return result;
  }
}
