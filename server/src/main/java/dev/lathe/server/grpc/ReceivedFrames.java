package dev.lathe.server.grpc;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The frames that a connection receives, as the web server takes them. Things that happen end a
 * connection there, and so do not reach it:
 *
 * <ul>
 *   <li>Pseudo-headers that are written out, as the clients of gRPC's C core do, Python's among
 *       them, with {@code :path} and {@code :authority}: they get their index.
 *   <li>A reset of a call that is over already, as when a caller gives up just when the answer
 *       leaves, and data of a call behind its reset, as grpc-java may send: they are dropped.
 * </ul>
 *
 * Everything else passes as it is, as do damaged header blocks and those in several frames.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7541#section-6.2">RFC 7541, 6.2: Literal Header
 *     Field Representation</a>
 */
final class ReceivedFrames implements Supplier<byte[]> {
  private static final int PREFACE = 24;
  private static final int FRAME_HEADER = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int END_OF_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int PRIORITY = 32;

  /** So much of the connection's window may be lost before it is given back, or must have been. */
  private static final int GIVEN_BACK = 1 << 15;

  /** More than any answer that waits for room. */
  private static final int ROOM = 1 << 30;

  private static final int MOST_DROPPED = 1 << 18;

  private static final Map<String, Integer> INDEX =
      Map.of(":authority", 1, ":method", 2, ":path", 4, ":scheme", 6);

  private final DataReader received;
  private final GrpcSelector calls;
  private final FrameWatch watch;
  private final Consumer<IntConsumer> giveBack;
  private boolean begun;
  private int dropped;
  private int resetting;

  /** Frames that the web server is to take as the client's. */
  private final Queue<byte[]> own = new ArrayDeque<>();

  private ReceivedFrames(DataReader received, GrpcSelector calls, Consumer<IntConsumer> giveBack) {
    this.received = received;
    this.calls = calls;
    this.watch = calls.watch();
    this.giveBack = giveBack;
  }

  /** A reader of a connection's bytes, from the preface on. */
  static DataReader over(DataReader received, GrpcSelector calls, SentFrames sent) {
    return DataReader.create(new ReceivedFrames(received, calls, sent::giveBack));
  }

  @Override
  public byte[] get() {
    if (!begun) {
      begun = true;
      watch.listens();
      return received.readBytes(PREFACE);
    }
    giveBack.accept(bytes -> own.add(Frame.of(Frame.WINDOW_UPDATE, 0, bytes)));
    calls.takeReset().ifPresent(this::reset);
    byte[] first = own.poll();
    if (first != null) {
      return first;
    }
    if (resetting != 0) {
      calls.wasReset(resetting);
      resetting = 0;
    }
    byte[] frame = frame();
    while (isLate(frame)) {
      frame = frame();
    }
    if (frame[3] != HEADERS) {
      return frame;
    }
    calls.requested(stream(frame));
    return (frame[4] & END_OF_HEADERS) == 0 ? frame : rewritten(frame);
  }

  /**
   * Whether a frame belongs to a call that is over. Data that are dropped are lost to the window of
   * the connection until they are given back.
   */
  private boolean isLate(byte[] frame) {
    int stream = stream(frame);
    if (frame[3] == RESET) {
      boolean late = !calls.mayReset(stream);
      resetting = late ? 0 : stream;
      return late;
    }
    if (frame[3] != DATA || calls.knows(stream) || dropped > MOST_DROPPED) {
      return false;
    }
    dropped += frame.length - FRAME_HEADER;
    if (dropped >= GIVEN_BACK) {
      dropped -= calls.giveBack(dropped);
    }
    return true;
  }

  private static int stream(byte[] frame) {
    return (frame[5] & 0x7F) << 24
        | (frame[6] & 0xFF) << 16
        | (frame[7] & 0xFF) << 8
        | frame[8] & 0xFF;
  }

  /**
   * Has the web server take a stream for reset that we have reset. What still waits for room to
   * write the answer gets it, so that it ends.
   */
  private void reset(int stream) {
    own.add(Frame.of(Frame.WINDOW_UPDATE, stream, ROOM));
    own.add(Frame.of(Frame.RESET, stream, 8));
  }

  private byte[] frame() {
    watch.listens();
    received.ensureAvailable();
    watch.begins();
    byte[] frame = readFrame();
    watch.received(new Frame(BufferData.create(frame)));
    return frame;
  }

  private byte[] readFrame() {
    BufferData header = received.readBuffer(FRAME_HEADER);
    int length = header.get(0) << 16 | header.get(1) << 8 | header.get(2);
    boolean small = length <= GrpcDoor.LARGEST_FRAME;
    byte[] frame = new byte[FRAME_HEADER + (small ? length : 0)];
    header.read(frame, 0, FRAME_HEADER);
    if (small && length > 0) {
      received.readBuffer(length).read(frame, FRAME_HEADER, length);
    }
    return frame;
  }

  /** A frame of a whole header block, without padding. */
  private static byte[] rewritten(byte[] frame) {
    int start = FRAME_HEADER;
    int end = frame.length;
    if ((frame[4] & PADDED) != 0 && end > start) {
      end -= frame[start++] & 0xFF;
    }
    if ((frame[4] & PRIORITY) != 0) {
      start += 5;
    }
    if (start > end) {
      return frame;
    }
    Optional<byte[]> block = new Block(frame, start, end).indexed();
    if (block.isEmpty()) {
      return frame;
    }
    byte[] content = block.get();
    byte[] whole = new byte[FRAME_HEADER + content.length];
    System.arraycopy(frame, 0, whole, 0, FRAME_HEADER);
    whole[0] = (byte) (content.length >>> 16);
    whole[1] = (byte) (content.length >>> 8);
    whole[2] = (byte) content.length;
    whole[4] = (byte) (frame[4] & ~(PADDED | PRIORITY));
    System.arraycopy(content, 0, whole, FRAME_HEADER, content.length);
    return whole;
  }

  /** A header block that is read representation by representation. */
  private static final class Block {
    private final byte[] bytes;
    private final int end;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int position;
    private boolean changed;

    Block(byte[] bytes, int start, int end) {
      this.bytes = bytes;
      this.position = start;
      this.end = end;
    }

    /** The block with indexed names; empty if nothing is to be changed, or it is damaged. */
    Optional<byte[]> indexed() {
      try {
        while (position < end) {
          representation();
        }
      } catch (IndexOutOfBoundsException e) {
        return Optional.empty();
      }
      return changed ? Optional.of(out.toByteArray()) : Optional.empty();
    }

    private void representation() {
      int start = position;
      int first = bytes[position] & 0xFF;
      if ((first & 0x80) != 0) {
        number(7);
      } else if ((first & 0xE0) == 0x20) {
        number(5);
      } else {
        int named = number((first & 0xC0) == 0x40 ? 6 : 4);
        if (named == 0) {
          int name = position;
          string();
          int index = index(name);
          if (index > 0) {
            changed = true;
            out.write(first | index);
            start = position;
          }
        }
        string();
      }
      if (position > end) {
        throw new IndexOutOfBoundsException(position);
      }
      out.write(bytes, start, position - start);
    }

    /** The index of a name that is written plainly from here to where we are; 0 if it has none. */
    private int index(int start) {
      int length = position - start - 1;
      if ((bytes[start] & 0x80) != 0 || length < 1 || bytes[start + 1] != ':') {
        return 0;
      }
      return INDEX.getOrDefault(
          new String(bytes, start + 1, length, StandardCharsets.ISO_8859_1), 0);
    }

    private void string() {
      int length = number(7);
      if (length > end - position) {
        throw new IndexOutOfBoundsException(length);
      }
      position += length;
    }

    private int number(int prefix) {
      int most = (1 << prefix) - 1;
      int value = bytes[position++] & most;
      if (value < most) {
        return value;
      }
      for (int shift = 0; shift < 21; shift += 7) {
        int next = bytes[position++];
        value += (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IndexOutOfBoundsException(position);
    }
  }
}
