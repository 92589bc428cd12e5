package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.EngineStatistics;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Sampling;
import dev.lathe.generate.TextForm;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A text model is opened once, charged once, and opened again if it failed. */
@Timeout(60)
class TextSlotTest {
  private static final LongConsumer NOBODY = _ -> {};

  private final List<Silent> opened = Collections.synchronizedList(new ArrayList<>());

  private TextModel open() {
    Silent model = new Silent();
    opened.add(model);
    return model;
  }

  @Test
  void firstRequestsAtOnce_chargeOnceBeyondWhatIsReserved() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(4);
    List<Long> charged = Collections.synchronizedList(new ArrayList<>());
    TextSlot slot =
        TextSlot.of(
            () -> {
              await(all);
              return open();
            },
            30);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    all.countDown();
                    slot.open(charged::add);
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(opened).hasSize(1);
    assertThat(charged).containsExactly(70L);
  }

  @Test
  void figures_doNotWaitForAModelThatIsBeingOpened() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch seen = new CountDownLatch(1);
    TextSlot slot =
        TextSlot.of(
            () -> {
              begun.countDown();
              await(seen);
              return open();
            },
            0);
    Thread opening = Thread.ofPlatform().start(() -> slot.open(NOBODY));
    begun.await();
    assertThat(slot.current()).isEmpty();
    assertThat(slot.bytes()).isZero();
    seen.countDown();
    opening.join();
    assertThat(slot.current()).contains(opened.getFirst());
  }

  @Test
  void modelThatFailed_isClosedAndOpenedAgainWithoutAnotherCharge() {
    List<Long> charged = new ArrayList<>();
    TextSlot slot = TextSlot.of(this::open, 0);
    slot.open(charged::add);
    opened.getFirst().failed = true;
    assertThat(slot.open(charged::add)).isSameAs(opened.get(1));
    assertThat(opened.getFirst().closed).isTrue();
    assertThat(charged).containsExactly(100L);
    slot.close();
    assertThat(opened.get(1).closed).isTrue();
    assertThatThrownBy(() -> slot.open(NOBODY))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(ServeError.CLOSED));
  }

  @Test
  void adaptersThatComeAndGo_areToldAsDifferences() {
    List<Long> charged = new ArrayList<>();
    TextSlot slot = TextSlot.of(this::open, 30);
    slot.onResized(charged::add);
    slot.open(NOBODY);
    Silent model = opened.getFirst();
    for (long bytes : new long[] {250, 250, 180, 10}) {
      model.bytes = bytes;
      model.listener.run();
    }
    assertThat(charged).containsExactly(150L, -70L, -150L);
    model.bytes = 500;
    slot.close();
    model.listener.run();
    assertThat(charged).hasSize(3);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A model of 100 bytes, at first, that says nothing. */
  private static final class Silent implements TextModel {
    private boolean failed;
    private boolean closed;
    private long bytes = 100;
    private Runnable listener = () -> {};

    @Override
    public Optional<Tokenizer> tokenizer() {
      return Optional.empty();
    }

    @Override
    public int vocabulary() {
      return 1;
    }

    @Override
    public int context() {
      return 1;
    }

    @Override
    public Set<Integer> endTokens() {
      return Set.of();
    }

    @Override
    public Sampling sampling() {
      return Sampling.PLAIN;
    }

    @Override
    public TextStream generate(GenerateRequest request) {
      throw new IllegalStateException("silent");
    }

    @Override
    public TextForm form() {
      throw new IllegalStateException("silent");
    }

    @Override
    public EngineStatistics statistics() {
      throw new IllegalStateException("silent");
    }

    @Override
    public boolean failed() {
      return failed;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void onResized(Runnable other) {
      listener = other;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
