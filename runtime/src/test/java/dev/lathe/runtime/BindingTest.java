package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BindingTest {
  private static HostBuffer floats(float... values) {
    return HostBuffer.of(Tensor.ofFloats(values, values.length));
  }

  @Test
  void twoBindings_swapTheirBuffers() {
    try (Session session = Session.open(Models.sumAndDifference(), SessionOptions.training(1));
        HostBuffer one = floats(1);
        HostBuffer even = floats(0);
        HostBuffer odd = floats(0);
        Binding there = session.bind(Map.of("a", even, "b", one), Map.of("sum", odd));
        Binding back = session.bind(Map.of("a", odd, "b", one), Map.of("sum", even))) {
      for (int i = 0; i < 1000; i++) {
        (i % 2 == 0 ? there : back).run();
      }
      assertThat(even.tensor().toFloats()).containsExactly(1000);
      assertThat(odd.tensor().toFloats()).containsExactly(999);
    }
  }

  @Test
  void run_readsTheInputsAsTheyAreNow() {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults());
        HostBuffer x = HostBuffer.allocate(ElementType.FLOAT, 1, 3);
        HostBuffer y = HostBuffer.allocate(ElementType.FLOAT, 1, 2);
        Binding binding = session.bind(Map.of("x", x), Map.of("y", y))) {
      binding.run();
      assertThat(y.tensor().toFloats()).containsExactly(10, 20);
      x.segment().set(ValueLayout.JAVA_FLOAT, 0, 1f);
      binding.run();
      assertThat(y.tensor().toFloats()).containsExactly(11, 22);
    }
  }

  @Test
  void oneBufferReadAndWritten_isRefused() {
    try (Session session = Session.open(Models.sumAndDifference(), SessionOptions.defaults());
        HostBuffer a = floats(1);
        HostBuffer b = floats(2);
        HostBuffer c = floats(3)) {
      SessionTest.refused(
          () -> session.bind(Map.of("a", a, "b", b), Map.of("sum", a)),
          "input \"a\" and output \"sum\" share one buffer (expected: a buffer each)");
      SessionTest.refused(
          () -> session.bind(Map.of("a", a, "b", b), Map.of()),
          "no output is bound (expected: one or more)");
      try (Binding twice = session.bind(Map.of("a", a, "b", a), Map.of("sum", c))) {
        twice.run();
        assertThat(c.tensor().toFloats()).containsExactly(2);
      }
    }
  }

  @Test
  void buffersThatDoNotFit_areRefusedWhenBound() {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults());
        HostBuffer x = HostBuffer.allocate(ElementType.FLOAT, 4, 3);
        HostBuffer wrongBatch = HostBuffer.allocate(ElementType.FLOAT, 5, 2);
        HostBuffer wrongType = HostBuffer.allocate(ElementType.DOUBLE, 4, 2);
        HostBuffer wrongShape = HostBuffer.allocate(ElementType.FLOAT, 4, 9)) {
      SessionTest.refused(
          () -> session.bind(Map.of("x", x), Map.of("y", wrongBatch)),
          "output \"y\": shape [5, 2] (expected: N = 4, as in \"x\")");
      SessionTest.refused(
          () -> session.bind(Map.of("x", x), Map.of("y", wrongType)),
          "output \"y\": DOUBLE (expected: FLOAT)");
      SessionTest.refused(
          () -> session.bind(Map.of("x", x), Map.of("y", wrongShape)),
          "output \"y\": shape [4, 9] (expected: [N, 2])");
      SessionTest.refused(
          () -> session.bind(Map.of(), Map.of("y", wrongShape)),
          "input \"x\": missing (expected: FLOAT[N, 3])");
    }
  }

  @Test
  void closedBuffer_staysUsableThroughItsBinding() {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults());
        HostBuffer y = HostBuffer.allocate(ElementType.FLOAT, 1, 2)) {
      HostBuffer x = HostBuffer.of(Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3));
      try (Binding binding = session.bind(Map.of("x", x), Map.of("y", y))) {
        x.close();
        binding.run();
        assertThat(y.tensor().toFloats()).containsExactly(19, 32);
      }
    }
  }

  @Test
  void beginningOfABuffer_servesASmallerShape() {
    try (Session session = Session.open(Models.affine(), SessionOptions.training(1));
        HostBuffer x = HostBuffer.of(Tensor.ofFloats(new float[] {1, 1, 1, 0, 0, 0}, 2, 3));
        HostBuffer y = HostBuffer.allocate(ElementType.FLOAT, 2, 2);
        HostBuffer less = y.beginning(1, 2);
        Binding one = session.bind(Map.of("x", x.beginning(1, 3)), Map.of("y", less));
        Binding both = session.bind(Map.of("x", x), Map.of("y", y))) {
      one.run();
      assertThat(y.tensor().toFloats()).containsExactly(19, 32, 0, 0);
      both.run();
      assertThat(y.tensor().toFloats()).containsExactly(19, 32, 10, 20);
      SessionTest.refused(() -> y.beginning(3, 2), "tensor FLOAT[3, 2]: 16 bytes (expected: 24)");
    }
  }

  @Test
  void outputInPlaceOfAnInput_takesItsBuffer() {
    try (Session session = Session.open(Models.sumAndDifference(), SessionOptions.defaults());
        HostBuffer a = floats(1);
        HostBuffer b = floats(2);
        HostBuffer c = floats(3)) {
      try (Binding binding =
          session.bind(Map.of("a", a, "b", b), Map.of("sum", a), Map.of("sum", "a"))) {
        binding.run();
        binding.run();
        assertThat(a.tensor().toFloats()).containsExactly(5);
      }
      SessionTest.refused(
          () -> session.bind(Map.of("a", a, "b", b), Map.of("sum", c), Map.of("sum", "a")),
          "output \"sum\" in place of input \"a\": FLOAT[1] and FLOAT[1] (expected: one buffer)");
      SessionTest.refused(
          () -> session.bind(Map.of("a", a, "b", a), Map.of("sum", a), Map.of("sum", "a")),
          "input \"b\" and output \"sum\" share one buffer (expected: a buffer each)");
    }
  }

  @Test
  void rowsOfABuffer_areABatchOfTheirOwn() {
    try (Session session = Session.open(Models.affine(), SessionOptions.defaults());
        HostBuffer x = HostBuffer.of(Tensor.ofFloats(new float[] {0, 0, 0, 1, 1, 1}, 2, 3));
        HostBuffer y = HostBuffer.allocate(ElementType.FLOAT, 2, 2);
        Binding second = session.bind(Map.of("x", x.rows(1, 1)), Map.of("y", y.rows(1, 1)))) {
      second.run();
      assertThat(y.tensor().toFloats()).containsExactly(0, 0, 19, 32);
      SessionTest.refused(
          () -> x.rows(1, 2), "rows from 1, 2 of FLOAT[2, 3] (expected: within it)");
    }
  }

  @Test
  void reservedBuffer_isZeroAlignedAndGoneAfterClose() {
    HostBuffer buffer = HostBuffer.reserve(ElementType.FLOAT, 3, 5);
    MemorySegment memory = buffer.segment();
    assertThat(memory.byteSize()).isEqualTo(60);
    assertThat(memory.address() % 64).isZero();
    assertThat(buffer.tensor().toFloats()).containsOnly(0);
    HostBuffer row = buffer.rows(1, 1);
    buffer.close();
    buffer.close();
    assertThat(memory.scope().isAlive()).isFalse();
    assertThatThrownBy(() -> row.tensor().toFloats()).isInstanceOf(IllegalStateException.class);
  }
}
