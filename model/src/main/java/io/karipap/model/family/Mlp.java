package io.karipap.model.family;

import io.karipap.model.arch.ActivationObserver;
import io.karipap.model.arch.Linear;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import io.karipap.tensor.TensorScope;
import java.util.List;

/** The gated feed-forward layer down(silu(gate x) * up x) (Shazeer 2020, "SwiGLU"). */
record Mlp(Linear gate, Linear up, Linear down) {

  /** The layer's contribution to the residual stream for x [batch, steps, d]. */
  Tensor apply(Tensor x, ActivationObserver observer) {
    observer.input(List.of(gate.name(), up.name()), x);
    Tensor hidden =
        TensorScope.resultOf(
            () -> Functions.silu(gate.apply(x, observer)).mul(up.apply(x, observer)));
    observer.input(List.of(down.name()), hidden);
    return down.apply(hidden, observer);
  }
}
