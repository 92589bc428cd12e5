package dev.lathe.benchmarks.serving;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Callers by gRPC: single calls and streams in both directions, of which some are cancelled and
 * some have a deadline that passes.
 */
final class GrpcCallers {
  private static final byte[] REQUEST = GrpcConnection.request(Task.MLP);
  private static final int PER_STREAM = 20;
  private static final long PATIENCE_SECONDS = 60;

  /** Calls over one connection, before it is closed and another one taken. */
  private static final int PER_CONNECTION = 2000;

  private final Known known;
  private final LongAdder right = new LongAdder();
  private final LongAdder wrong = new LongAdder();
  private final LongAdder streams = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder late = new LongAdder();
  private final LongAdder cut = new LongAdder();

  GrpcCallers(Known known) {
    this.known = known;
  }

  /** How a call is meant to end. */
  private enum Wish {
    ANSWERED,
    CANCELLED,
    LATE;

    static Wish draw(SplittableRandom random) {
      return values()[Math.max(0, random.nextInt(10) - 7)];
    }

    /** A call with too little time is late, or is told at once that it would be. */
    boolean mayEnd(Status.Code code) {
      return switch (this) {
        case ANSWERED -> false;
        case CANCELLED -> code == Status.Code.CANCELLED;
        case LATE ->
            code == Status.Code.DEADLINE_EXCEEDED || code == Status.Code.RESOURCE_EXHAUSTED;
      };
    }

    CallOptions options(SplittableRandom random) {
      return this == LATE
          ? CallOptions.DEFAULT.withDeadlineAfter(random.nextLong(3_000_000), TimeUnit.NANOSECONDS)
          : CallOptions.DEFAULT;
    }
  }

  /** Calls until the connection breaks, has had its number of calls, or it is told to stop. */
  void call(URI server, SplittableRandom random, BooleanSupplier stopped) throws IOException {
    try (GrpcConnection connection = new GrpcConnection(server)) {
      for (int i = 0; i < PER_CONNECTION && !stopped.getAsBoolean(); i++) {
        Wish wish = Wish.draw(random);
        Hearing hearing = new Hearing(wish, 1);
        hearing.ask(connection.infer(wish.options(random)), 1);
        end(hearing, wish, random);
      }
    }
  }

  /** Streams, in the same way. */
  void stream(URI server, SplittableRandom random, BooleanSupplier stopped) throws IOException {
    try (GrpcConnection connection = new GrpcConnection(server)) {
      for (int i = 0; i < PER_CONNECTION && !stopped.getAsBoolean(); i++) {
        Wish wish = Wish.draw(random);
        Hearing hearing = new Hearing(wish, PER_STREAM);
        hearing.ask(connection.stream(wish.options(random)), PER_STREAM);
        end(hearing, wish, random);
        streams.increment();
      }
    }
  }

  private void end(Hearing hearing, Wish wish, SplittableRandom random) throws IOException {
    if (wish == Wish.CANCELLED) {
      LockSupport.parkNanos(random.nextLong(3_000_000));
      hearing.cancel();
    }
    Status.Code code = hearing.end();
    boolean wished = code == Status.Code.OK || wish.mayEnd(code);
    if (code == Status.Code.UNAVAILABLE) {
      cut.increment();
      throw new IOException("the server has gone");
    }
    if (!wished || code == Status.Code.OK && hearing.missing() > 0) {
      wrong.increment();
      System.err.printf("grpc: %s, %s, %d missing%n", wish, hearing, hearing.missing());
    } else if (code != Status.Code.OK) {
      (wish == Wish.CANCELLED ? cancelled : late).increment();
    }
  }

  /** Hears a call's answers, and judges each. */
  private final class Hearing extends ClientCall.Listener<byte[]> {
    private final CompletableFuture<Status> ended = new CompletableFuture<>();
    private final AtomicInteger heard = new AtomicInteger();
    private final Wish wish;
    private final int expected;
    private ClientCall<byte[], byte[]> call;

    /** What is expected more than one answer of is a stream. */
    Hearing(Wish wish, int expected) {
      this.wish = wish;
      this.expected = expected;
    }

    void ask(ClientCall<byte[], byte[]> begun, int times) {
      call = begun;
      call.start(this, new Metadata());
      call.request(expected + 1);
      for (int i = 0; i < times; i++) {
        call.sendMessage(REQUEST);
      }
      call.halfClose();
    }

    void cancel() {
      call.cancel("the caller left", null);
    }

    @Override
    public void onMessage(byte[] message) {
      heard.incrementAndGet();
      ByteBuffer bytes = ByteBuffer.wrap(message);
      GrpcConnection.Answer answer =
          expected > 1 ? GrpcConnection.Answer.ofStream(bytes) : GrpcConnection.Answer.read(bytes);
      if (known.fits(answer.version(), answer.values())) {
        right.increment();
      } else if (wish == Wish.LATE && answer.version().matches(".*(deadline|no answer within).*")) {
        late.increment();
      } else {
        wrong.increment();
        System.err.println("grpc: wrong answer of " + answer.version());
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      ended.complete(status);
    }

    Status.Code end() {
      try {
        return ended.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getCode();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Status.Code.UNAVAILABLE;
      } catch (ExecutionException | TimeoutException e) {
        return Status.Code.UNKNOWN;
      }
    }

    int missing() {
      return expected - heard.get();
    }

    @Override
    public String toString() {
      return String.valueOf(ended.getNow(Status.UNKNOWN.withDescription("no end")));
    }
  }

  long right() {
    return right.sum();
  }

  long wrong() {
    return wrong.sum();
  }

  /** Streams; calls that were cancelled, late, and cut by the server's end. */
  String ends() {
    return streams + ", " + cancelled + ", " + late + ", " + cut;
  }
}
