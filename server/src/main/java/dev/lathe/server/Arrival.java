package dev.lathe.server;

import dev.lathe.server.Endings.Reason;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A connection, when its client must have sent more, and how it reads what it is sent. The one
 * thread that looks at all connections counts how often it finds a write under way: no write looks
 * at a clock.
 */
final class Arrival {
  static final long NEVER = Long.MAX_VALUE;

  private static final System.Logger LOG = System.getLogger(Arrival.class.getName());
  private static final Duration REPRIEVE = Duration.ofSeconds(1);

  private final SocketChannel channel;
  private final AtomicLong deadline;
  private volatile Reason otherwise = Reason.HEADERS;
  private volatile boolean readAhead;
  private volatile Rounds.@Nullable Watched watched;
  private boolean toClose;

  /** Pieces of answers that were begun to be written, and those that were written. */
  private volatile long begunPieces;

  private volatile long writtenPieces;

  /** Bytes of the answer that were written. */
  private volatile long bytes;

  /** Rounds that found the same piece under way; and any piece of this answer. */
  private long heldPiece;

  private int heldRounds;
  private int slowRounds;
  private volatile boolean begun;

  Arrival(SocketChannel channel, long deadline) {
    this.channel = channel;
    this.deadline = new AtomicLong(deadline);
  }

  SocketChannel channel() {
    return channel;
  }

  /** The client must have sent more at a moment. */
  void expect(long moment, Reason reason) {
    otherwise = reason;
    deadline.set(moment);
  }

  /** A request begins; its answer's bytes are counted from here. */
  void begins() {
    bytes = 0;
    begun = true;
  }

  /** A piece of an answer is going to be written. Called by one thread at a time. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void writes() {
    begunPieces++;
  }

  /** The piece was taken, or refused. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void wrote(int length) {
    bytes += length;
    writtenPieces = begunPieces;
  }

  /** From now on another looks at what is read. */
  void watchedBy(Rounds.Watched other) {
    deadline.set(NEVER);
    watched = other;
  }

  boolean isReadAhead() {
    return readAhead;
  }

  void limitReads(Duration limit) throws SocketException {
    channel.socket().setSoTimeout(Math.toIntExact(limit.toMillis()));
    readAhead = !limit.isZero();
  }

  /** Whether who looks at what is read wants an end of it. */
  boolean isToClose() {
    return toClose;
  }

  /** Looks once; why the client is late, if it is. */
  Optional<Reason> look(long now, Patience.Sending sending) {
    Rounds.Watched frames = watched;
    if (frames != null) {
      toClose = !frames.look();
    } else if (isLate(now)) {
      return Optional.of(otherwise);
    }
    return lookAtWrites(sending);
  }

  private Optional<Reason> lookAtWrites(Patience.Sending sending) {
    if (begun) {
      begun = false;
      slowRounds = 0;
    }
    long piece = begunPieces;
    if (writtenPieces == piece) {
      heldRounds = 0;
      return Optional.empty();
    }
    heldRounds = piece == heldPiece ? heldRounds + 1 : 0;
    heldPiece = piece;
    slowRounds++;
    if (heldRounds * Rounds.EVERY.toNanos() > sending.write().toNanos()) {
      return Optional.of(Reason.UNREAD);
    }
    return sending.isTooSlow(slowRounds * Rounds.EVERY.toNanos(), bytes)
        ? Optional.of(Reason.RATE)
        : Optional.empty();
  }

  /**
   * Whether the client should have sent more by now. If it has, and nobody has read it, it is this
   * server that is late, and the client gets some more time.
   */
  private boolean isLate(long now) {
    long expected = deadline.get();
    if (expected >= now) {
      return false;
    }
    try {
      if (channel.socket().getInputStream().available() == 0) {
        return true;
      }
    } catch (IOException e) {
      return true;
    }
    deadline.compareAndSet(expected, now + REPRIEVE.toNanos());
    return false;
  }

  void close() {
    close(channel);
  }

  static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a connection that took too long cannot be closed", e);
    }
  }
}
