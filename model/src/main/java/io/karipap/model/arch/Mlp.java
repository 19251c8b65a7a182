package io.karipap.model.arch;

import io.karipap.checkpoint.config.ModelConfig;
import io.karipap.tensor.Functions;
import io.karipap.tensor.Tensor;
import java.util.List;

/** The gated feed-forward layer down(silu(gate x) * up x) (Shazeer 2020, "SwiGLU"). */
record Mlp(Linear gate, Linear up, Linear down) {

  static Mlp of(ModelConfig config, Weights weights, int block) {
    String prefix = "model.layers." + block + ".mlp.";
    return new Mlp(
        Linear.of(prefix + "gate_proj", weights, config.mlpBias()),
        Linear.of(prefix + "up_proj", weights, config.mlpBias()),
        Linear.of(prefix + "down_proj", weights, config.mlpBias()));
  }

  /** The layer's contribution to the residual stream for x [batch, steps, d]. */
  Tensor apply(Tensor x, ActivationObserver observer) {
    observer.input(List.of(gate.name(), up.name()), x);
    Tensor hidden = Functions.silu(gate.apply(x, observer)).mul(up.apply(x, observer));
    observer.input(List.of(down.name()), hidden);
    return down.apply(hidden, observer);
  }
}
