package io.karipap.tensor;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Who owns memory, who shares it, and how long it lives. */
class MemoryTest {

  @Test
  void copyInCopies() {
    try (var _ = new TensorScope();
        var arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(JAVA_DOUBLE, 1, 2, 3);
      Tensor tensor = Tensor.copyIn(data, DType.F64, 3);
      data.setAtIndex(JAVA_DOUBLE, 0, 100);
      assertThat(tensor.toDoubles()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aViewSharesItsMemoryBothWays() {
    try (var _ = new TensorScope();
        var arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(JAVA_DOUBLE, 1, 2, 3);
      Tensor tensor = Tensor.view(data, DType.F64, 3);
      data.setAtIndex(JAVA_DOUBLE, 0, 100);
      assertThat(tensor.toDoubles()).containsExactly(100, 2, 3);
      tensor.scaleInPlace(2);
      assertThat(data.toArray(JAVA_DOUBLE)).containsExactly(200, 4, 6);
      assertThat(tensor.segment().address()).isEqualTo(data.address());
    }
  }

  @Test
  void aViewMayStartAtAnyByte() {
    try (var _ = new TensorScope();
        var arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(1 + 100 * Float.BYTES).asSlice(1);
      for (int i = 0; i < 100; i++) {
        data.setAtIndex(JAVA_FLOAT.withByteAlignment(1), i, i);
      }
      Tensor tensor = Tensor.view(data, DType.F32, 10, 10);
      assertThat(tensor.sum().item()).isEqualTo(4950);
      assertThat(tensor.matmul(tensor.transpose()).select(0, 0).toFloats()[0]).isEqualTo(285);
    }
  }

  @Test
  void aViewOfHeapMemoryIsRefused() {
    try (var _ = new TensorScope()) {
      MemorySegment heap = MemorySegment.ofArray(new double[3]);
      assertThatThrownBy(() -> Tensor.view(heap, DType.F64, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("copyIn");
    }
  }

  @Test
  void aViewOfFreedMemoryIsRefused() {
    try (var _ = new TensorScope()) {
      MemorySegment freed;
      try (var arena = Arena.ofConfined()) {
        freed = arena.allocate(24);
      }
      assertThatThrownBy(() -> Tensor.view(freed, DType.F64, 3))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void memoryOfAnotherSizeThanTheShapeIsRefused() {
    try (var _ = new TensorScope()) {
      assertThatThrownBy(() -> Tensor.of(new double[5], 2, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shape [2, 3] of F64 takes 48 bytes, the memory has 40");
      assertThatThrownBy(() -> Tensor.of(new double[5], -5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("negative size in shape [-5]");
    }
  }

  @Test
  void aSegmentWritesIntoItsTensor() {
    try (var _ = new TensorScope()) {
      Tensor tensor = Tensor.zeros(DType.F32, 2, 2);
      tensor.segment().setAtIndex(JAVA_FLOAT, 3, 7);
      assertThat(tensor.toFloats()).containsExactly(0, 0, 0, 7);
      assertThat(tensor.segment().byteSize()).isEqualTo(16);
    }
  }

  @Test
  void aSegmentOfAPartStartsAtThatPart() {
    try (var _ = new TensorScope()) {
      Tensor whole = Tensor.of(new double[] {0, 1, 2, 3, 4, 5}, 3, 2);
      Tensor part = whole.narrow(0, 1, 2);
      assertThat(part.segment().toArray(JAVA_DOUBLE)).containsExactly(2, 3, 4, 5);
      assertThat(part.segment().address()).isEqualTo(whole.segment().address() + 16);
    }
  }

  @Test
  void aSegmentOfATensorWithGapsIsRefused() {
    try (var _ = new TensorScope()) {
      Tensor transposed = Tensor.zeros(DType.F32, 2, 3).transpose();
      assertThat(transposed.isContiguous()).isFalse();
      assertThatThrownBy(transposed::segment)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("contiguous");
      assertThat(transposed.contiguous().segment().byteSize()).isEqualTo(24);
    }
  }

  @Test
  void shapeOperationsShareMemoryAndCopiesDoNot() {
    try (var _ = new TensorScope()) {
      Tensor a = Tensor.zeros(DType.F64, 2, 3);
      long address = a.segment().address();
      assertThat(a.reshape(3, 2).segment().address()).isEqualTo(address);
      assertThat(a.detach().segment().address()).isEqualTo(address);
      assertThat(a.leaf().segment().address()).isEqualTo(address);
      assertThat(a.contiguous().segment().address()).isEqualTo(address);
      assertThat(a.to(DType.F64).segment().address()).isEqualTo(address);
      assertThat(a.to(Device.CPU)).isSameAs(a);
      assertThat(a.copy().segment().address()).isNotEqualTo(address);
    }
  }

  @Test
  void aPartKeepsTheMemoryOfTheWholeAlive() {
    try (var _ = new TensorScope()) {
      Tensor part;
      try (var inner = new TensorScope()) {
        part = inner.keep(Tensor.full(5, DType.F64, 1000, 100).narrow(0, 999, 1));
      }
      // memory that had been released would now be in use by these
      for (int i = 0; i < 10; i++) {
        assertThat(Tensor.zeros(DType.F64, 1000, 100).sum().item()).isZero();
      }
      assertThat(part.sum().item()).isEqualTo(500);
    }
  }

  @Test
  void aTensorOfAClosedScopeIsRefusedByName() {
    try (var _ = new TensorScope()) {
      Tensor alive = Tensor.zeros(DType.F64, 2);
      Tensor released;
      try (var _ = new TensorScope()) {
        released = Tensor.zeros(DType.F64, 2);
      }
      assertThatThrownBy(() -> alive.add(released))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("add")
          .hasMessageContaining("scope");
      assertThatThrownBy(released::neg)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("scope");
      assertThatThrownBy(released::shape).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(released::segment).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> Tensor.concatenate(List.of(alive, released), 0))
          .isInstanceOf(IllegalStateException.class);
      assertThat(released).hasToString("Tensor of a closed scope");
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    try (var _ = new TensorScope()) {
      Tensor outer = Tensor.full(2, DType.F64, 3);
      var inner = new TensorScope();
      Tensor kept = inner.keep(Tensor.full(1, DType.F64, 3));
      inner.close();
      inner.close();
      assertThat(outer.sum().item()).isEqualTo(6);
      assertThat(kept.sum().item()).isEqualTo(3);
      var owner = new TensorOwner();
      owner.own(kept);
      owner.close();
      owner.close();
      assertThat(kept.sum().item()).isEqualTo(3);
    }
  }

  @Test
  void anOwnerReleasesWhenItCloses() {
    try (var owner = new TensorOwner()) {
      Tensor owned;
      try (var _ = new TensorScope()) {
        owned = owner.own(Tensor.full(1, DType.F64, 3));
      }
      assertThat(owned.shape()).containsExactly(3);
      Runnable close = owner::close;
      close.run();
      assertThatThrownBy(owned::shape).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void keepingNeedsAnEnclosingScopeOfTheSameThread() throws Exception {
    try (var scope = new TensorScope()) {
      Tensor tensor = Tensor.zeros(DType.F64, 1);
      assertThatThrownBy(() -> scope.keep(tensor))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("TensorOwner");
      assertThatThrownBy(() -> onAnotherThread(() -> scope.keep(tensor)))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another thread");
    }
  }

  @Test
  void everyThreadHasScopesOfItsOwn() throws Exception {
    try (var _ = new TensorScope()) {
      assertThatThrownBy(() -> onAnotherThread(() -> Tensor.zeros(DType.F64, 1)))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("open one first");
      Tensor mine = Tensor.full(3, DType.F64, 2);
      double theirs =
          onAnotherThread(() -> {
            try (var _ = new TensorScope()) {
              return mine.square().sum().item();
            }
          });
      assertThat(theirs).isEqualTo(18);
      assertThat(mine.sum().item()).isEqualTo(6);
    }
  }

  @Test
  void aScopeIsClosedByTheThreadThatOpenedIt() throws Exception {
    try (var scope = new TensorScope()) {
      Tensor tensor = Tensor.full(3, DType.F64, 2);
      assertThatThrownBy(() -> onAnotherThread(Executors.callable(scope::close)))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("thread that opened");
      assertThat(tensor.sum().item()).isEqualTo(6);
    }
  }

  @Test
  void anOuterScopeIsNotClosedBeforeAnInnerOne() {
    try (var outer = new TensorScope();
        var _ = new TensorScope()) {
      assertThatThrownBy(outer::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("reverse order");
    }
  }

  private static <T> T onAnotherThread(Callable<T> body)
      throws ExecutionException, InterruptedException {
    try (var executor = Executors.newSingleThreadExecutor()) {
      return executor.submit(body).get();
    }
  }
}
