package dev.lathe.server.grpc;

import dev.lathe.server.Endings.Reason;
import dev.lathe.server.Patience;
import dev.lathe.server.Rounds;
import dev.lathe.server.StreamRequest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the client of one stream owes: the rest of a body or message, a question, or room for the
 * answer. Threads that read and write frames tell what happened; the one that looks at all
 * connections counts the rounds in which something is owed, so that no frame looks at a clock.
 */
final class StreamWatch extends StreamRequest {
  private final FrameWatch connection;
  private final int id;

  private final AtomicLong received = new AtomicLong();
  private final AtomicLong credit;
  private volatile boolean saidAll;

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong window;
  private volatile boolean answering;
  private volatile boolean answered;
  private volatile boolean done;

  private volatile @Nullable GrpcStream call;

  /** Of the rounds: what was found by the one before, and how many found the same. */
  private long receivedBefore = -1;

  private long sentBefore = -1;
  private int owedNow;
  private int owed;
  private int heldNow;
  private int held;
  private int quiet;
  private boolean ended;

  /** A stream that begins. */
  StreamWatch(FrameWatch connection, int id, long credit, long window) {
    this.connection = connection;
    this.id = id;
    this.credit = new AtomicLong(credit);
    this.window = new AtomicLong(window);
  }

  int id() {
    return id;
  }

  /** The stream is a call of gRPC, which says itself that it takes too long. */
  void isCall(GrpcStream stream) {
    call = stream;
  }

  /** The current thread answers the request. */
  void isRequest() {
    answeredHere();
  }

  @Override
  protected void done() {
    done = true;
  }

  void received(int bytes, boolean last) {
    received.addAndGet(bytes);
    saidAll |= last;
  }

  /** The client may send so many bytes more. */
  void credited(int bytes) {
    credit.addAndGet(bytes);
  }

  void sent(int bytes, boolean last) {
    answering = true;
    sent.addAndGet(bytes);
    window.addAndGet(-bytes);
    answered |= last;
  }

  /** The client takes so many bytes more; fewer if negative. */
  void widened(long bytes) {
    window.addAndGet(bytes);
  }

  /** The web server reset the stream; what the client still sends of it is thrown away. */
  void resetHere() {
    answered = true;
  }

  /** Whether nothing more is to come either way. */
  boolean isOver() {
    return saidAll && answered;
  }

  /** Whether the client was told that it is late, and what it still sends is not waited for. */
  boolean isRejected() {
    return ended && answered && !saidAll;
  }

  /** The client is gone, or gave the stream up. */
  void lost() {
    gone();
  }

  /**
   * What is to be done about a stream.
   *
   * @param reason why
   * @param reset whether the stream is to be reset; its handler or caller was told otherwise
   * @param text what is told
   */
  record Verdict(Reason reason, boolean reset, String text) {}

  /**
   * Looks once.
   *
   * @param heard whether the connection was listened to since the last look
   * @param alive whether frames came
   * @param patience how long clients may take
   */
  Optional<Verdict> look(boolean heard, boolean alive, Patience patience) {
    if (isOver()) {
      return Optional.empty();
    }
    Optional<Verdict> late = lookAtBody(heard, patience).or(() -> lookAtAnswer(patience));
    return late.isPresent() ? late : lookAtQuiet(alive, patience);
  }

  private Optional<Verdict> lookAtBody(boolean heard, Patience patience) {
    long now = received.get();
    boolean moved = now != receivedBefore;
    receivedBefore = now;
    if (!owes() || moved) {
      owedNow = 0;
    } else if (heard && now < credit.get() && connection.mayReceive()) {
      owedNow++;
    }
    if (owes() && heard) {
      owed++;
    }
    if (nanos(owedNow) > patience.body().toNanos()) {
      return Optional.of(
          lateBody(
              Reason.BODY,
              "nothing came of a body or message for " + patience.body().toMillis() + " ms"));
    }
    return patience.sending().isTooSlow(nanos(owed), now)
        ? Optional.of(
            lateBody(
                Reason.RATE,
                "a body or message comes too slowly: "
                    + now
                    + " bytes in "
                    + nanos(owed) / 1_000_000
                    + " ms"))
        : Optional.empty();
  }

  /** Whether the rest of a body or message is waited for. */
  private boolean owes() {
    if (saidAll) {
      return false;
    }
    GrpcStream known = call;
    return answered || (known == null ? done || isWaiting() : known.owes());
  }

  /** The first time, whoever answers says so; what is still owed then is not waited for. */
  private Verdict lateBody(Reason reason, String text) {
    owedNow = 0;
    owed = 0;
    GrpcStream known = call;
    boolean reset = ended || answered || done;
    ended = true;
    if (!reset && known != null) {
      known.late(text);
    } else {
      late(text);
    }
    return new Verdict(reason, reset, text);
  }

  private Optional<Verdict> lookAtAnswer(Patience patience) {
    long now = sent.get();
    boolean holds =
        answering && !answered && Math.min(window.get(), connection.window()) <= 0
            || done && !answered;
    heldNow = holds && now == sentBefore ? heldNow + 1 : 0;
    sentBefore = now;
    held += holds ? 1 : 0;
    if (nanos(heldNow) > patience.sending().write().toNanos()) {
      return Optional.of(new Verdict(Reason.UNREAD, true, "the answer is not read"));
    }
    return patience.sending().isTooSlow(nanos(held), now)
        ? Optional.of(new Verdict(Reason.RATE, true, "the answer is read too slowly"))
        : Optional.empty();
  }

  private Optional<Verdict> lookAtQuiet(boolean alive, Patience patience) {
    GrpcStream known = call;
    quiet = alive || known == null || answered || !known.isQuiet() ? 0 : quiet + 1;
    if (known == null || nanos(quiet) <= patience.sending().stream().toNanos()) {
      return Optional.empty();
    }
    String text =
        "no message and no ping came for " + patience.sending().stream().toMillis() + " ms";
    ended = true;
    quiet = 0;
    known.late(text);
    return Optional.of(new Verdict(Reason.STREAM, false, text));
  }

  private static long nanos(int rounds) {
    return rounds * Rounds.EVERY.toNanos();
  }
}
