package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeptTest {
  private final List<String> closed = new CopyOnWriteArrayList<>();
  private final AtomicInteger opened = new AtomicInteger();
  private final Kept<String, String> kept = new Kept<>(2, closed::add);

  private Kept<String, String>.Held hold(String key) {
    return kept.hold(key, () -> key + opened.incrementAndGet());
  }

  @Test
  void whatWasUsedLast_isKept_andTheRestClosed() {
    hold("a").close();
    hold("b").close();
    hold("a").close();
    hold("c").close();
    assertThat(closed).containsExactly("b2");
    hold("a").close();
    assertThat(opened).hasValue(3);
    hold("b").close();
    assertThat(opened).hasValue(4);
    assertThat(closed).containsExactly("b2", "c3");
  }

  @Test
  void whatIsHeld_isNotClosedBeforeItIsGivenBack() {
    Kept<String, String>.Held a = hold("a");
    Kept<String, String>.Held again = hold("a");
    hold("b").close();
    hold("c").close();
    assertThat(closed).containsExactly("b2");
    kept.close();
    assertThat(closed).containsExactly("b2", "c3");
    a.close();
    assertThat(closed).doesNotContain("a1");
    assertThat(again.value()).isEqualTo("a1");
    again.close();
    assertThat(closed).containsExactly("b2", "c3", "a1");
  }

  @Test
  void whatCannotBeOpened_isTriedAgain() {
    assertThatThrownBy(
            () ->
                kept.hold(
                    "a",
                    () -> {
                      throw new IllegalStateException("broken");
                    }))
        .hasMessage("broken");
    assertThat(hold("a").value()).isEqualTo("a1");
    assertThat(closed).isEmpty();
  }

  @Test
  void manyThreads_openOneEach_andCloseAllInTheEnd() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        String key = "k" + i % 5;
        all.add(
            threads.submit(
                () -> {
                  try (var held = hold(key)) {
                    assertThat(held.value()).startsWith(key);
                    assertThat(closed).doesNotContain(held.value());
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    kept.close();
    assertThat(closed).hasSize(opened.get()).doesNotHaveDuplicates();
  }
}
