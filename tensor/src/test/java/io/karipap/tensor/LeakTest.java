package io.karipap.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The resident size of the process stays flat. */
class LeakTest {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int STEPS = 10_000;

  /**
   * Resident size of this process in KiB, less the heap, which grows and shrinks at the collector's
   * discretion.
   */
  private static long residentKib() throws IOException {
    System.gc();
    long resident =
        Files.readAllLines(STATUS).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
    return resident
        - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() / 1024;
  }

  @Test
  @Tag("slow")
  void tenThousandTrainingStepsLeaveNothingBehind() throws IOException {
    assumeTrue(Files.exists(STATUS));
    try (var _ = new TensorScope()) {
      var random = new RandomTensors(1);
      Tensor w = random.normal(DType.F32, 64, 64);
      Tensor x = random.normal(DType.F32, 32, 64);
      Tensor ids = Tensor.range(0, 32);
      var slot = new AdamW.Slot(w, w.zerosLike(), w.zerosLike(), 0.1);
      var adam = new AdamW(0.9, 0.95, 1e-8);
      long afterWarmUp = 0;
      for (int t = 1; t <= STEPS; t++) {
        step(adam, slot, x, ids, t);
        if (t == STEPS / 5) {
          afterWarmUp = residentKib();
        }
      }
      // one leaked 32 x 64 matrix a step would be 64 MiB
      assertThat(residentKib() - afterWarmUp).isLessThan(24 * 1024);
    }
  }

  private static void step(AdamW adam, AdamW.Slot slot, Tensor x, Tensor ids, int t) {
    try (var _ = new TensorScope()) {
      Tensor leaf = slot.variable().leaf();
      Tensor loss;
      try (var inner = new TensorScope()) {
        Tensor hidden = Functions.silu(Functions.linear(x, leaf, Optional.empty()));
        Tensor logits = Tensor.einsum("bi,oi->bo", hidden, leaf);
        loss = inner.keep(Functions.crossEntropy(logits, ids));
        if (t % 100 == 0) {
          refuse(hidden);
        }
      }
      List<Tensor> gradients = Autograd.gradients(loss, List.of(leaf));
      try (var _ = Autograd.off()) {
        Linalg.qr(gradients.getFirst().narrow(0, 0, 4)).q().sum().item();
      }
      adam.step(List.of(slot), gradients, t, 1e-3, 1);
    }
  }

  /** An operation that fails must not leak either. */
  private static void refuse(Tensor hidden) {
    try {
      hidden.matmul(hidden);
    } catch (IllegalArgumentException expected) {
      assertThat(expected).hasMessageContaining("matmul");
    }
  }
}
