package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CancellationTest {
  @Test
  void listeners_hearOnce() {
    Cancellation handle = new Cancellation();
    AtomicInteger heard = new AtomicInteger();
    handle.whenCancelled(heard::incrementAndGet);
    assertThat(handle.isCancelled()).isFalse();
    handle.cancel();
    handle.cancel();
    assertThat(heard).hasValue(1);
    assertThat(handle.isCancelled()).isTrue();
  }

  @Test
  void lateListener_hearsAtOnce() {
    Cancellation handle = new Cancellation();
    handle.cancel();
    AtomicInteger heard = new AtomicInteger();
    handle.whenCancelled(heard::incrementAndGet);
    assertThat(heard).hasValue(1);
  }

  @Test
  void forgottenListener_hearsNothing() {
    Cancellation handle = new Cancellation();
    AtomicInteger heard = new AtomicInteger();
    Runnable listener = heard::incrementAndGet;
    handle.whenCancelled(listener);
    handle.forget(listener);
    handle.cancel();
    assertThat(heard).hasValue(0);
  }

  @Test
  void never_cannotBeCancelled() {
    assertThatThrownBy(Cancellation.NEVER::cancel).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void zeroAndEmptyText_nameNoSequence() {
    assertThat(new SequenceStep(new SequenceStep.Id.Named(""), true, true).isNone()).isTrue();
    assertThat(SequenceStep.NONE.isNone()).isTrue();
    assertThat(new SequenceStep.Id.Numbered(-1).isNone()).isFalse();
    assertThat(new SequenceStep.Id.Numbered(-1)).hasToString("18446744073709551615");
  }
}
