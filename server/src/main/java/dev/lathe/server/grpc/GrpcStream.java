package dev.lathe.server.grpc;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.observe.Observed;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.http2.Http2Exception;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2FrameTypes;
import io.helidon.http.http2.Http2RstStream;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2WindowUpdate;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One call, on one stream of a connection. Its thread reads frames and, where one message has one
 * answer, runs the method, straight down; where there are many, a {@link Conveyor} does. Once the
 * status is out, what still comes from the caller is read and thrown away, so that the connection
 * goes on with its other streams.
 */
final class GrpcStream implements Http2SubProtocolSelector.SubProtocolHandler {
  private static final System.Logger LOG = System.getLogger(GrpcStream.class.getName());

  private final Rpc rpc;
  private final RpcCall call;
  private final GrpcCalls calls;
  private final Inbox inbox;
  private final Outbox outbox;
  private final @Nullable Conveyor conveyor;
  private Optional<Message> single = Optional.empty();
  private @Nullable Thread reader;
  private volatile boolean reading;
  private boolean resetComing;
  private boolean over;
  private Runnable whenOver = () -> {};
  private boolean remoteClosed;

  /** Whether the frame that is read, or was, is the caller's last. */
  private volatile boolean saidAll;

  private final AtomicLong messages = new AtomicLong();
  private volatile boolean lost;

  /** A call that has begun. */
  GrpcStream(Rpc rpc, RpcCall call, GrpcCalls calls, Outbox outbox) {
    this.rpc = rpc;
    this.call = call;
    this.calls = calls;
    this.inbox = calls.inbox(outbox.compression());
    this.outbox = outbox;
    this.conveyor =
        rpc.body() instanceof Rpc.Each each
            ? new Conveyor(each, message -> answered(each, message), this::send, calls.limit())
            : null;
  }

  @Override
  public void init() {
    synchronized (this) {
      reader = Thread.currentThread();
    }
    boolean may = calls.begun(this);
    synchronized (this) {
      if (lost) {
        // The connection went before the call had begun; what ended then was not counted yet.
        end();
        return;
      }
    }
    if (!may) {
      refuse();
    } else if (conveyor != null) {
      guarded(() -> calls.gate().admit(call));
    }
  }

  /** Has somebody told when the web server knows the stream no more. */
  void whenOver(Runnable then) {
    whenOver = then;
  }

  /**
   * Prepares for a reset that the web server is about to be told of, so that it does not forget the
   * stream before.
   *
   * @return false if it has forgotten it
   */
  synchronized boolean awaitReset() {
    resetComing = !over;
    return resetComing;
  }

  @Override
  public synchronized Http2StreamState streamState() {
    boolean done = remoteClosed && outbox.isClosed() && !resetComing;
    if (lost || done) {
      over = true;
      whenOver.run();
      return Http2StreamState.CLOSED;
    }
    if (outbox.isClosed()) {
      return Http2StreamState.HALF_CLOSED_LOCAL;
    }
    return remoteClosed ? Http2StreamState.HALF_CLOSED_REMOTE : Http2StreamState.OPEN;
  }

  @Override
  public void rstStream(Http2RstStream reset) {
    lose();
  }

  @Override
  public void windowUpdate(Http2WindowUpdate update) {}

  @Override
  public void data(Http2FrameHeader header, BufferData data) {
    synchronized (this) {
      if (lost) {
        return;
      }
      reading = true;
    }
    try {
      take(header, data);
    } finally {
      synchronized (this) {
        reading = false;
        if (lost || outbox.isClosed()) {
          end();
        }
      }
    }
  }

  private void take(Http2FrameHeader header, BufferData data) {
    saidAll |= header.flags(Http2FrameTypes.DATA).endOfStream();
    if (!outbox.isClosed()) {
      guarded(() -> read(data));
    }
    if (header.flags(Http2FrameTypes.DATA).endOfStream() && !remoteClosed) {
      remoteClosed = true;
      if (!outbox.isClosed()) {
        guarded(this::finish);
      }
    }
  }

  /** The caller is gone: whatever was done for it stops. Called by any thread. */
  void lose() {
    outbox.abort();
    call.timing().cancellation().cancel();
    if (conveyor != null) {
      conveyor.stop();
    }
    synchronized (this) {
      lost = true;
      whenOver.run();
      if (!reading) {
        end();
        if (reader != null) {
          reader.interrupt();
        }
      }
    }
  }

  /** Ends a call whose deadline has passed. */
  void expire(long nowNanos) {
    if (call.timing().isOver(nowNanos)) {
      late("the call's deadline has passed");
    }
  }

  /** Ends a call because its caller, or its answer, takes too long. */
  void late(String why) {
    if (!outbox.isClosed() && !lost) {
      giveUp(why);
    }
  }

  /** Whether the rest of a message is waited for, or the end of what has one message only. */
  boolean owes() {
    return !reading && !lost && !saidAll && (conveyor == null || inbox.isPartial());
  }

  /** Whether nothing goes on here until the next message of many. */
  boolean isQuiet() {
    return conveyor != null && !saidAll && !inbox.isPartial() && conveyor.isEmpty();
  }

  /**
   * Ends a call because the server stops, if it would go on as long as its caller likes. What was
   * asked is answered; what is asked from now on is not.
   */
  void stop() {
    if (rpc.body() instanceof Rpc.Watch) {
      call.timing().cancellation().cancel();
    } else if (conveyor != null) {
      conveyor.finish();
      Thread.ofVirtual()
          .start(
              () ->
                  guarded(
                      () -> {
                        conveyor.drain();
                        // Who reads the caller's last frame knows whether all was answered.
                        if (!saidAll) {
                          refuse();
                        }
                      }));
    }
  }

  /** Answers nothing: the server stops. */
  void refuse() {
    close(RpcStatus.of(ErrorKind.UNAVAILABLE, "the server is stopping (try another, or again)"));
  }

  private void giveUp(String why) {
    Thread.ofVirtual()
        .start(
            () -> {
              call.timing().cancellation().cancel();
              close(RpcStatus.of(ErrorKind.CANCELLED, why));
            });
  }

  private void read(BufferData data) throws InterruptedException {
    while (data.available() > 0 && !outbox.isClosed()) {
      Optional<Message> whole = inbox.read(data);
      if (whole.isEmpty()) {
        return;
      }
      if (conveyor != null) {
        conveyor.put(whole.get());
      } else if (single.isPresent()) {
        whole.get().release();
        throw new LatheException(
            ServerError.BAD_REQUEST, rpc.name() + ": a second message (expected: one)");
      } else {
        single = whole;
      }
    }
  }

  /** The caller has said everything. */
  private void finish() throws InterruptedException {
    if (inbox.isPartial()) {
      throw new LatheException(
          ServerError.BAD_REQUEST, rpc.name() + ": the stream ended within a message");
    }
    if (conveyor != null) {
      conveyor.drain();
      if (conveyor.hasDropped()) {
        refuse();
        return;
      }
    } else {
      answer(
          single.orElseThrow(
              () ->
                  new LatheException(
                      ServerError.BAD_REQUEST, rpc.name() + ": no message (expected: one)")));
    }
    close(RpcStatus.OK);
  }

  private void answer(Message message) throws InterruptedException {
    single = Optional.empty();
    boolean answered = false;
    try {
      switch (rpc.body()) {
        case Rpc.Unary unary ->
            outbox.send(
                calls
                    .sight()
                    .during(
                        call, call.origin().id(), () -> unary.answer(admitted(message), message)));
        case Rpc.Watch watch -> watch.run(admitted(message), message, outbox::send);
        case Rpc.Each _ -> throw new IllegalStateException("a conveyor works on these");
      }
      answered = true;
      message.release();
    } catch (LatheException e) {
      answered = true;
      message.releaseAfter(e);
      throw e;
    } finally {
      if (!answered) {
        message.release();
      }
    }
  }

  private WireWriter answered(Rpc.Each each, Message message) {
    RequestId id = call.origin().id().ofMessage(messages.incrementAndGet());
    return calls.sight().during(call, id, () -> each.answer(admitted(message), message));
  }

  private RpcCall.Admitted admitted(Message message) {
    RpcCall asked = call.about(rpc.model(message));
    String caller = calls.gate().admit(asked);
    Observed.current().caller(caller);
    return new RpcCall.Admitted(asked, caller);
  }

  /** Something that may fail; a failure is the call's status. */
  private interface Step {
    void run() throws InterruptedException;
  }

  private void guarded(Step step) {
    try {
      step.run();
    } catch (InterruptedException | UncheckedIOException | Http2Exception e) {
      LOG.log(Level.DEBUG, "the caller of " + rpc.name() + " does not read", e);
      lose();
    } catch (Error | RuntimeException e) {
      if (!lost) {
        close(RpcStatus.of(e));
      }
    }
  }

  /** Sends an answer from a thread of the conveyor's. */
  private void send(WireWriter answer) {
    guarded(() -> outbox.send(answer));
  }

  private void close(RpcStatus status) {
    try {
      outbox.close(status);
    } catch (UncheckedIOException | Http2Exception e) {
      LOG.log(Level.DEBUG, "the caller of " + rpc.name() + " is gone", e);
      lose();
    }
  }

  /** Gives back what the call held; more may come, and is not looked at. */
  private void end() {
    inbox.discard();
    single.ifPresent(Message::release);
    single = Optional.empty();
    if (conveyor != null) {
      conveyor.stop();
    }
    calls.ended(this);
  }
}
