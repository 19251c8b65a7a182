package io.karipap.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;

/**
 * The lifetime of native memory: every tensor made on this thread while the scope is the innermost
 * one is released when the scope closes, except those that were moved out with {@link #keep} or are
 * held by a {@link TensorOwner}.
 *
 * <p>Scopes nest and are closed in reverse order by the thread that opened them, as
 * try-with-resources does.
 */
public final class TensorScope implements AutoCloseable {

  private static final ThreadLocal<Deque<TensorScope>> OPEN =
      ThreadLocal.withInitial(ArrayDeque::new);

  private final PointerScope pointers;
  private boolean closed;

  public TensorScope() {
    Libtorch.load();
    pointers = new PointerScope();
    OPEN.get().push(this);
  }

  /**
   * Moves a tensor of this scope to the enclosing one.
   *
   * @return the same tensor
   * @throws IllegalStateException if there is no enclosing scope
   */
  public Tensor keep(Tensor tensor) {
    var scopes = OPEN.get().iterator();
    while (scopes.hasNext()) {
      if (scopes.next() == this) {
        if (!scopes.hasNext()) {
          throw new IllegalStateException("no scope encloses this one: use a TensorOwner");
        }
        scopes.next().pointers.attach(tensor.handle());
        return tensor;
      }
    }
    throw new IllegalStateException("this scope is closed, or belongs to another thread");
  }

  /**
   * Works something out inside a scope of its own, of which only the result remains, in the scope
   * that is open at the call. What the backward pass of the result needs stays alive with it.
   *
   * @return the result
   */
  public static Tensor resultOf(Supplier<Tensor> work) {
    try (var scope = new TensorScope()) {
      return scope.keep(work.get());
    }
  }

  /**
   * Releases the tensors made here; the second time it does nothing.
   *
   * @throws IllegalStateException if this is not the innermost open scope of the calling thread
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (OPEN.get().peek() != this) {
      throw new IllegalStateException(
          "scopes are closed in reverse order by the thread that opened them");
    }
    closed = true;
    OPEN.get().pop();
    pointers.close();
  }

  /** Fails unless this thread has an open scope: without one a tensor would never be released. */
  static void require() {
    if (OPEN.get().isEmpty()) {
      throw new IllegalStateException("tensors are made inside a TensorScope: open one first");
    }
  }
}
