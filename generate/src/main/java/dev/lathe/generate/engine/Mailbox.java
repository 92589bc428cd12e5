package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the engine tells a request's reader. It holds as many events as the request may have tokens
 * at most, so the engine never waits for a reader.
 */
final class Mailbox implements TextStream {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<GenerateEvent> events = new ArrayDeque<>();
  private final Consumer<Mailbox> onCancel;
  private @Nullable LatheException failure;
  private final LongSupplier clock;
  private boolean ended;
  private boolean begun;
  private long began;
  private long endedAt;
  private boolean cancelled;

  /**
   * A mailbox.
   *
   * @param onCancel what to do, once, when the reader gives up before the end
   * @param clock the engine's
   */
  Mailbox(Consumer<Mailbox> onCancel, LongSupplier clock) {
    this.clock = clock;
    this.onCancel = onCancel;
  }

  /** The engine has begun to work at the request. */
  void begins(long now) {
    lock.lock();
    try {
      begun = true;
      began = now;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long workedNanos() {
    lock.lock();
    try {
      return begun ? (ended ? endedAt : clock.getAsLong()) - began : 0;
    } finally {
      lock.unlock();
    }
  }

  /** Tells an event. */
  void tell(GenerateEvent event) {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      events.add(event);
      ended = event instanceof GenerateEvent.Completed;
      endedAt = clock.getAsLong();
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Tells that nothing more will come, and why. */
  void fail(LatheException why) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        endedAt = clock.getAsLong();
        failure = why;
        arrived.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<GenerateEvent> next() {
    try {
      return await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancel();
      throw new LatheException(
          GenerateError.ABANDONED, "the reader was interrupted before the end", e);
    }
  }

  private Optional<GenerateEvent> await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (events.isEmpty() && !ended) {
        arrived.await();
      }
      LatheException why = failure;
      if (events.isEmpty() && why != null) {
        throw new LatheException(why.code(), why.getMessage(), why);
      }
      return Optional.ofNullable(events.poll());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    lock.lock();
    try {
      if (ended || cancelled) {
        return;
      }
      cancelled = true;
    } finally {
      lock.unlock();
    }
    onCancel.accept(this);
  }
}
