package dev.lathe.server.grpc;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The frames that a connection sends, of which the web server writes each by one call. Frames of
 * our own, which end what takes too long, go between them; data of a stream that was so ended are
 * dropped, and given back to the window that the web server took them from.
 */
final class SentFrames implements DataWriter, FrameWatch.Ends {
  private static final System.Logger LOG = System.getLogger(SentFrames.class.getName());
  private static final int MOST_RESET = 4096;

  private final DataWriter inner;
  private final FrameWatch watch;
  private final GrpcSelector calls;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Integer> reset = ConcurrentHashMap.newKeySet();
  private final AtomicLong dropped = new AtomicLong();
  private boolean inBlock;

  /** Frames of a connection of which none was sent. */
  SentFrames(DataWriter inner, FrameWatch watch, GrpcSelector calls) {
    this.inner = inner;
    this.watch = watch;
    this.calls = calls;
  }

  @Override
  public void write(BufferData... buffers) {
    writeNow(BufferData.create(buffers));
  }

  @Override
  public void write(BufferData buffer) {
    writeNow(buffer);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    writeNow(BufferData.create(buffers));
  }

  @Override
  public void writeNow(BufferData buffer) {
    Frame frame = new Frame(buffer);
    int type = frame.type();
    lock.lock();
    try {
      if (type == Frame.DATA && reset.contains(frame.stream())) {
        dropped.addAndGet(frame.length());
        return;
      }
      if (type == Frame.HEADERS || type == Frame.CONTINUATION) {
        inBlock = !frame.has(Frame.END_HEADERS);
      }
      watch.sent(frame);
      inner.writeNow(buffer);
    } finally {
      lock.unlock();
    }
  }

  /** Gives back to the web server's window of the connection what was dropped. */
  void giveBack(IntConsumer bytes) {
    int now = (int) Math.min(Integer.MAX_VALUE, dropped.getAndSet(0));
    if (now > 0) {
      bytes.accept(now);
    }
  }

  @Override
  public void reset(StreamWatch stream, int error) {
    if (reset.size() < MOST_RESET) {
      reset.add(stream.id());
    }
    calls.resetHere(stream.id());
    own(Frame.of(Frame.RESET, stream.id(), error));
  }

  @Override
  public void goAway(int lastStream, int error, String why) {
    byte[] words = why.getBytes(StandardCharsets.US_ASCII);
    byte[] payload = new byte[2 * Integer.BYTES + words.length];
    Frame.number(payload, 0, lastStream);
    Frame.number(payload, Integer.BYTES, error);
    System.arraycopy(words, 0, payload, 2 * Integer.BYTES, words.length);
    own(Frame.of(Frame.GO_AWAY, 0, payload));
  }

  /** Writes a frame between others, on a thread that may wait. */
  private void own(byte[] frame) {
    Thread.ofVirtual()
        .name("lathe-http2-end")
        .start(
            () -> {
              lock.lock();
              try {
                if (!inBlock) {
                  inner.writeNow(BufferData.create(frame));
                }
              } catch (UncheckedIOException e) {
                LOG.log(Level.DEBUG, "a client that took too long is gone", e);
              } finally {
                lock.unlock();
              }
            });
  }

  @Override
  public void flush() {
    inner.flush();
  }

  @Override
  public void close() {
    inner.close();
  }
}
