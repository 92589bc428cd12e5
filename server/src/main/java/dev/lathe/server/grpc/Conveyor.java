package dev.lathe.server.grpc;

import dev.lathe.server.grpc.wire.WireWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The messages of one stream that are worked on: several at once, so that they can share runs, each
 * on a thread of its own. Answers leave in the order of the messages. When too many are under way,
 * or too many bytes, no more are taken until answers have left: the caller's sending is slowed to
 * its reading.
 */
final class Conveyor {
  private static final int MOST = 32;

  private final Rpc.Each body;
  private final Function<Message, WireWriter> work;
  private final Consumer<WireWriter> out;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Deque<Item> underway = new ArrayDeque<>();
  private final Map<Object, Item> lanes = new HashMap<>();
  private long bytes;
  private boolean sending;
  private boolean stopped;
  private boolean finishing;
  private boolean dropped;

  /**
   * An empty conveyor.
   *
   * @param body says which messages wait for each other, and what is said of one that failed
   * @param work lets a message in and answers it, or throws
   * @param out sends an answer
   * @param mostBytes of messages under way; one message may be larger
   */
  Conveyor(
      Rpc.Each body, Function<Message, WireWriter> work, Consumer<WireWriter> out, long mostBytes) {
    this.body = body;
    this.work = work;
    this.out = out;
    this.mostBytes = mostBytes;
  }

  /** A message that is worked on. */
  private static final class Item {
    private final Message message;
    private Optional<WireWriter> answer = Optional.empty();

    Item(Message message) {
      this.message = message;
    }
  }

  /**
   * Takes a message; waits until there is room. Drops it after {@link #stop} and {@link #finish}.
   */
  void put(Message message) throws InterruptedException {
    long size = message.content().byteSize();
    Optional<Object> lane = body.lane(message);
    Item item = new Item(message);
    Optional<Item> before;
    lock.lockInterruptibly();
    try {
      while (!stopped
          && !finishing
          && !underway.isEmpty()
          && (underway.size() >= MOST || bytes + size > mostBytes)) {
        moved.await();
      }
      if (stopped || finishing) {
        dropped = true;
        message.release();
        return;
      }
      underway.add(item);
      bytes += size;
      before = lane.map(name -> lanes.put(name, item));
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name("lathe-grpc-message").start(() -> work(item, before, lane));
  }

  /** Takes no more messages; the answers to the others leave. */
  void finish() {
    lock.lock();
    try {
      finishing = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether no message is under way. */
  boolean isEmpty() {
    lock.lock();
    try {
      return underway.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a message came that gets no answer. */
  boolean hasDropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all answers have left. */
  void drain() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!stopped && !underway.isEmpty()) {
        moved.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends no more answers: the caller is gone. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void work(Item item, Optional<Item> before, Optional<Object> lane) {
    before.ifPresent(this::await);
    WireWriter answer = answer(item.message);
    lock.lock();
    try {
      item.answer = Optional.of(answer);
      lane.ifPresent(name -> lanes.remove(name, item));
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    sendReady();
  }

  /** Whatever a message's work throws is the answer to that message. */
  private WireWriter answer(Message message) {
    try {
      return work.apply(message);
    } catch (Error | RuntimeException e) {
      WireWriter failed = body.failed(message, e);
      message.releaseAfter(e);
      return failed;
    }
  }

  private void await(Item item) {
    lock.lock();
    try {
      while (!stopped && item.answer.isEmpty()) {
        moved.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends what is ready at the head; one thread does it at a time. */
  private void sendReady() {
    for (Optional<Item> next = head(); next.isPresent(); next = head()) {
      boolean sent = false;
      try {
        if (!stopped) {
          out.accept(next.get().answer.orElseThrow());
        }
        sent = true;
      } finally {
        taken(next.get(), sent);
      }
    }
  }

  private Optional<Item> head() {
    lock.lock();
    try {
      Item first = underway.peek();
      if (sending || first == null || first.answer.isEmpty()) {
        return Optional.empty();
      }
      sending = true;
      return Optional.of(first);
    } finally {
      lock.unlock();
    }
  }

  private void taken(Item item, boolean sent) {
    lock.lock();
    try {
      sending = false;
      stopped |= !sent;
      underway.remove(item);
      bytes -= item.message.content().byteSize();
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    item.message.release();
  }
}
