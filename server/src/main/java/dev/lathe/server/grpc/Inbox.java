package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.BodyBudget;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.SegmentPool;
import io.helidon.common.buffers.BufferData;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Frames of data to messages: each message has a flag that says whether it is compressed, four
 * bytes of length, and its bytes; how it is cut into frames means nothing. Memory grows with what
 * has come, never with what a length promises.
 */
final class Inbox {
  private static final int PREFIX = 5;
  private static final int FIRST = 1 << 16;

  private final Inflation inflation;
  private final BodyBudget budget;
  private final SegmentPool pool;
  private final byte[] prefix = new byte[PREFIX];
  private int prefixed;
  private long length;
  private MemorySegment owner = MemorySegment.NULL;
  private long received;
  private long counted;

  /**
   * An inbox without a message.
   *
   * @param inflation how compressed messages are inflated, and how large a message may be
   * @param budget counts what all streams hold
   * @param pool where memory comes from
   */
  Inbox(Inflation inflation, BodyBudget budget, SegmentPool pool) {
    this.inflation = inflation;
    this.budget = budget;
    this.pool = pool;
  }

  /** Whether a message has begun that has not come whole. */
  boolean isPartial() {
    return prefixed > 0;
  }

  /**
   * Reads on.
   *
   * @param data a frame's data, read up to the end of a message
   * @return the message that is whole now, if one is
   * @throws LatheException BODY_TOO_LARGE, BUSY, or BAD_REQUEST if it cannot be inflated
   */
  Optional<Message> read(BufferData data) {
    while (prefixed < PREFIX && data.available() > 0) {
      prefix[prefixed++] = (byte) data.read();
      if (prefixed == PREFIX) {
        begin();
      }
    }
    if (prefixed < PREFIX) {
      return Optional.empty();
    }
    int now = (int) Math.min(length - received, data.available());
    if (now > 0) {
      room(received + now);
      data.writeTo(owner.asSlice(received, now).asByteBuffer(), now);
      received += now;
    }
    return received < length ? Optional.empty() : Optional.of(whole());
  }

  /** Gives the memory of a message back that will not come whole. */
  void discard() {
    prefixed = 0;
    free();
  }

  private void begin() {
    if (prefix[0] != 0 && prefix[0] != 1) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          "a message begins with the byte " + prefix[0] + " (expected: 0, or 1 if compressed)");
    }
    length =
        (prefix[1] & 0xFFL) << 24
            | (prefix[2] & 0xFFL) << 16
            | (prefix[3] & 0xFFL) << 8
            | prefix[4] & 0xFFL;
    received = 0;
    inflation.requireSmall(length);
  }

  private void room(long bytes) {
    if (owner.byteSize() >= bytes) {
      return;
    }
    long wanted = Math.min(length, Math.max(Math.max(FIRST, bytes), 2 * owner.byteSize()));
    budget.add(wanted - counted);
    counted = wanted;
    MemorySegment larger = pool.take(wanted);
    MemorySegment.copy(owner, 0, larger, 0, received);
    if (owner.byteSize() > 0) {
      pool.give(owner);
    }
    owner = larger;
  }

  private Message whole() {
    boolean compressed = prefix[0] == 1;
    prefixed = 0;
    if (compressed) {
      try {
        return inflation.inflate(owner.asSlice(0, length), pool, budget);
      } finally {
        free();
      }
    }
    long held = counted;
    Message message = new Message(pool, owner, owner.asSlice(0, length), () -> budget.add(-held));
    owner = MemorySegment.NULL;
    counted = 0;
    return message;
  }

  private void free() {
    if (owner.byteSize() > 0) {
      pool.give(owner);
    }
    owner = MemorySegment.NULL;
    budget.add(-counted);
    counted = 0;
  }
}
