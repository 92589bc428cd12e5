package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MirrorTest {
  @Test
  void inputsThatCannotBeCopied_keepNoRoom() throws Exception {
    try (Mirror mirror = new Mirror(() -> false)) {
      Tensor gone;
      try (Arena arena = Arena.ofShared()) {
        gone = Tensor.of(ElementType.FLOAT, new long[] {1}, arena.allocate(4, 4));
      }
      for (int i = 0; i < 100; i++) {
        assertThatThrownBy(() -> mirror.offer(asking(gone), 0, copy -> {}))
            .isInstanceOf(IllegalStateException.class);
      }
      CountDownLatch worked = new CountDownLatch(1);
      assertThat(mirror.offer(asking(Tensor.scalar(1f)), 0, copy -> worked.countDown())).isTrue();
      worked.await();
    }
  }

  @Test
  void closedMirror_takesNothing() {
    Mirror mirror = new Mirror(() -> false);
    mirror.close();
    assertThat(mirror.offer(asking(Tensor.scalar(1f)), 0, copy -> {})).isFalse();
  }

  private static InferRequest asking(Tensor x) {
    return InferRequest.of(Map.of("x", x));
  }
}
