package dev.lathe.server.grpc;

import dev.lathe.server.Endings;
import dev.lathe.server.Endings.Reason;
import dev.lathe.server.Patience;
import dev.lathe.server.Rounds;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the client of one connection of HTTP/2 owes, as its frames tell: frames that are whole,
 * header blocks that end, the bodies of its requests, and room for answers. Who owes for too long
 * loses its request or, where no request is to blame, its connection.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9113">RFC 9113: HTTP/2</a>
 */
final class FrameWatch implements Rounds.Watched {
  /** The window of a connection, and of a stream before settings say otherwise, in bytes. */
  static final int FIRST_WINDOW = 65_535;

  private static final int NO_ERROR = 0;
  private static final int CANCEL = 8;
  private static final int CALM = 11;

  /** How many rounds the last words of a connection may take to be read. */
  private static final int FAREWELL = 4;

  private final Patience patience;
  private final Endings endings;
  private final Map<Integer, StreamWatch> streams = new ConcurrentHashMap<>();

  /** Who ends streams and connections. */
  private volatile @Nullable Ends ends;

  /** What the client may still send, and what it still takes, on all streams together. */
  private final AtomicLong credit = new AtomicLong(FIRST_WINDOW);

  private final AtomicLong window = new AtomicLong(FIRST_WINDOW);

  /** The first window of new streams, our way and the client's. */
  private volatile int firstCredit = FIRST_WINDOW;

  private volatile int firstWindow = FIRST_WINDOW;

  private volatile boolean listening;
  private volatile boolean partial;
  private volatile boolean inBlock;
  private volatile int latest;
  private volatile long frames;

  private long framesBefore = -1;
  private int partialRounds;
  private int blockRounds;
  private int quietRounds;
  private int farewell;

  /**
   * A connection of which nothing has come.
   *
   * @param patience how long clients may take
   * @param endings counts what is ended
   */
  FrameWatch(Patience patience, Endings endings) {
    this.patience = patience;
    this.endings = endings;
  }

  /** Ends what takes too long; waits for nothing. */
  interface Ends {
    /** Resets a stream. */
    void reset(StreamWatch stream, int error);

    /** Says that the connection ends. */
    void goAway(int lastStream, int error, String why);
  }

  void endedBy(Ends someone) {
    ends = someone;
  }

  /** The watch of a stream that is going to be answered; one of a client that is gone if it is. */
  StreamWatch answering(int id) {
    StreamWatch known = streams.get(id);
    if (known != null) {
      return known;
    }
    StreamWatch over = begun(id);
    over.lost();
    return over;
  }

  private StreamWatch begun(int id) {
    return new StreamWatch(this, id, firstCredit, firstWindow);
  }

  /** A stream was reset, and the web server knows it. */
  void wasReset(int id) {
    StreamWatch stream = streams.remove(id);
    if (stream != null) {
      stream.lost();
    }
  }

  /** Whether a stream has begun and is not over. */
  boolean knows(int id) {
    return streams.containsKey(id);
  }

  /** The reader waits for a frame's first byte. */
  void listens() {
    listening = true;
  }

  /** The first byte of a frame is there. */
  void begins() {
    partial = true;
  }

  /** A frame is there. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void received(Frame frame) {
    listening = false;
    partial = false;
    frames++;
    switch (frame.type()) {
      case Frame.HEADERS -> {
        inBlock = !frame.has(Frame.END_HEADERS);
        if (frame.stream() > latest) {
          latest = frame.stream();
          streams.put(latest, begun(latest));
        }
        data(frame, 0);
      }
      case Frame.CONTINUATION -> inBlock = !frame.has(Frame.END_HEADERS);
      case Frame.DATA -> {
        credit.addAndGet(-frame.length());
        data(frame, frame.length());
      }
      case Frame.SETTINGS -> frame.firstWindow().ifPresent(this::settled);
      case Frame.WINDOW_UPDATE -> {
        if (frame.stream() == 0) {
          window.addAndGet(frame.increment());
        } else if (streams.get(frame.stream()) instanceof StreamWatch known) {
          known.widened(frame.increment());
        }
      }
      default -> {}
    }
  }

  private void data(Frame frame, int bytes) {
    StreamWatch stream = streams.get(frame.stream());
    if (stream != null) {
      stream.received(bytes, frame.has(Frame.END_STREAM));
      forgetOver(stream);
    }
  }

  private void settled(int first) {
    long change = (long) first - firstWindow;
    firstWindow = first;
    streams.values().forEach(stream -> stream.widened(change));
  }

  /** A frame is sent. */
  void sent(Frame frame) {
    switch (frame.type()) {
      case Frame.HEADERS, Frame.DATA -> {
        boolean data = frame.type() == Frame.DATA;
        StreamWatch stream = streams.get(frame.stream());
        if (data) {
          window.addAndGet(-frame.length());
        }
        if (stream != null) {
          stream.sent(data ? frame.length() : 0, frame.has(Frame.END_STREAM));
          forgetOver(stream);
        }
      }
      case Frame.RESET -> {
        StreamWatch stream = streams.get(frame.stream());
        if (stream != null) {
          stream.resetHere();
          forgetOver(stream);
        }
      }
      case Frame.SETTINGS -> frame.firstWindow().ifPresent(first -> firstCredit = first);
      case Frame.WINDOW_UPDATE -> {
        if (frame.stream() == 0) {
          credit.addAndGet(frame.increment());
        } else if (streams.get(frame.stream()) instanceof StreamWatch known) {
          known.credited(frame.increment());
        }
      }
      default -> {}
    }
  }

  private void forgetOver(StreamWatch stream) {
    if (stream.isOver()) {
      streams.remove(stream.id(), stream);
    }
  }

  /** The connection is gone, and with it all clients. */
  void lost() {
    streams.values().forEach(StreamWatch::lost);
    streams.clear();
  }

  /** Whether the client may send data, as far as the connection is concerned. */
  boolean mayReceive() {
    return credit.get() > 0;
  }

  /** How many bytes the client takes on all streams together. */
  long window() {
    return window.get();
  }

  @Override
  public boolean look() {
    Ends known = ends;
    if (known == null || farewell > 0 && ++farewell > FAREWELL) {
      return known == null;
    }
    long now = frames;
    boolean alive = now != framesBefore;
    framesBefore = now;
    boolean heard = listening;
    streams.values().forEach(stream -> look(stream, heard, alive, known));
    if (farewell == 0) {
      late(heard, alive, now)
          .ifPresent(
              reason -> {
                endings.ended(reason);
                farewell = 1;
                known.goAway(latest, reason == Reason.IDLE ? NO_ERROR : CALM, word(reason));
              });
    }
    return true;
  }

  private void look(StreamWatch stream, boolean heard, boolean alive, Ends known) {
    Optional<StreamWatch.Verdict> verdict = stream.look(heard, alive, patience);
    verdict.ifPresent(found -> endings.ended(found.reason()));
    if (verdict.isPresent() && verdict.get().reset()) {
      known.reset(stream, CANCEL);
    } else if (stream.isRejected()) {
      known.reset(stream, NO_ERROR);
    }
  }

  private Optional<Reason> late(boolean heard, boolean alive, long now) {
    partialRounds = partial && heard && !alive ? partialRounds + 1 : 0;
    blockRounds = inBlock && heard ? blockRounds + 1 : 0;
    quietRounds = alive || !heard || !streams.isEmpty() ? 0 : quietRounds + 1;
    long header = patience.header().toNanos();
    if (nanos(blockRounds) > header || nanos(partialRounds) > Math.max(header, bodyNanos())) {
      return Optional.of(Reason.HEADERS);
    }
    // A connection that has said nothing at all is still greeting.
    boolean greeting = now == 0 && nanos(quietRounds) > header;
    return greeting
        ? Optional.of(Reason.HEADERS)
        : nanos(quietRounds) > patience.idle().toNanos()
            ? Optional.of(Reason.IDLE)
            : Optional.empty();
  }

  private long bodyNanos() {
    return streams.isEmpty() ? 0 : patience.body().toNanos();
  }

  private static String word(Reason reason) {
    return reason == Reason.IDLE
        ? "no request and no ping came for a while"
        : "the rest of a frame or of headers did not come";
  }

  private static long nanos(int rounds) {
    return rounds * Rounds.EVERY.toNanos();
  }
}
