package io.karipap.tensor;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorVector;

/** Calls into libtorch: makes results Java tensors and native failures Java exceptions. */
final class Native {

  private Native() {}

  /**
   * Runs one native operation.
   *
   * @param operation its name, for messages
   * @param operands the tensors it reads, whose shapes a message names
   * @throws IllegalArgumentException if the operation refuses its operands
   * @throws IllegalStateException if no scope is open, or an operand's scope has closed
   */
  static Tensor call(
      String operation, Supplier<org.bytedeco.pytorch.Tensor> body, Tensor... operands) {
    return new Tensor(value(operation, body, operands));
  }

  /** As {@link #call}, for operations whose result is not one tensor. */
  static <T> T value(String operation, Supplier<T> body, Tensor... operands) {
    TensorScope.require();
    for (Tensor operand : operands) {
      if (operand.isReleased()) {
        throw new IllegalStateException(operation + ": the scope of an operand has closed");
      }
    }
    try {
      return body.get();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(message(operation, e, operands), e);
    }
  }

  private static String message(String operation, RuntimeException e, Tensor... operands) {
    String shapes =
        Stream.of(operands)
            .map(t -> Arrays.toString(t.shape()) + " " + t.dtype())
            .collect(Collectors.joining(" and "));
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return operation + " of " + shapes + ": " + reason.lines().findFirst().orElse("");
  }

  /** A tensor that a native container or tuple owns, as one of its own. */
  static Tensor copyOf(org.bytedeco.pytorch.Tensor reference) {
    return new Tensor(new org.bytedeco.pytorch.Tensor(reference));
  }

  static TensorVector vector(Iterable<Tensor> tensors) {
    TensorVector vector = new TensorVector();
    for (Tensor tensor : tensors) {
      vector.push_back(tensor.handle());
    }
    return vector;
  }
}
