package dev.lathe.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/1.1 that reads long bodies in pieces of up to 64 KiB. The web server reads
 * all things in pieces of 8 KiB, and copies each. What is read is never more than the body that the
 * headers announce, so that memory is bounded by it, and by the piece. Used by one thread.
 */
final class LongReads extends PassedContext {
  private static final int USUAL = 1 << 13;
  private static final int LONGEST = 1 << 16;

  private final ConnectionContext inner;
  private final PeerInfo remote;
  private final DataReader reader;

  /** Bytes of the body that are yet to be read from the connection. */
  private long awaited;

  /** What pieces of the same body are read into; empty between bodies. */
  private BufferData room = BufferData.empty();

  private LongReads(ConnectionContext inner) {
    super(inner);
    this.inner = inner;
    this.remote = inner.remotePeer();
    this.reader = DataReader.create(this::read);
  }

  /** Connections that read so, unless they are encrypted: those are read by records. */
  static ServerConnectionSelector over(ServerConnectionSelector selector) {
    return new PassingSelector(
        selector, context -> context.isSecure() ? context : new LongReads(context));
  }

  /** Learns how long bodies are; for the web server. */
  static Http1ConnectionListener listener() {
    return new Http1ConnectionListener() {
      @Override
      public void headers(ConnectionContext context, Headers headers) {
        if (context instanceof LongReads reads) {
          reads.awaited = Math.max(0, length(headers) - reads.reader.available());
        }
      }
    };
  }

  /** What the headers announce; 0 for what the web server is going to refuse. */
  private static long length(Headers headers) {
    try {
      return headers.contains(HeaderNames.TRANSFER_ENCODING)
          ? 0
          : headers.contentLength().orElse(0);
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }

  private byte @Nullable [] read() {
    DataReader first = inner.dataReader();
    byte[] bytes;
    if (awaited > USUAL && first.available() == 0) {
      bytes = readLong();
    } else {
      first.ensureAvailable();
      bytes = first.readBytes(first.available());
    }
    awaited = bytes == null ? 0 : Math.max(0, awaited - bytes.length);
    if (awaited <= USUAL) {
      room = BufferData.empty();
    }
    return bytes;
  }

  /**
   * By the one way to read into memory of a chosen size that comes after what was read ahead. A
   * body is asked for more only when all that came before was taken, so one piece of memory does
   * for it; while something is unread another is taken.
   */
  @SuppressWarnings("removal")
  private byte @Nullable [] readLong() {
    int size = (int) Math.min(awaited, LONGEST);
    if (room.capacity() != size || reader.available() > 0) {
      room = BufferData.create(size);
    }
    room.reset();
    try {
      if (inner.serverSocket().read(room) < 0) {
        return null;
      }
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the body breaks off", e);
    }
    Piece piece = new Piece();
    room.writeTo(piece);
    return piece.bytes;
  }

  /** Takes the bytes of a full buffer as they are, and copies those of another. */
  private static final class Piece extends OutputStream {
    private byte[] bytes = {};

    @Override
    public void write(int one) {
      bytes = new byte[] {(byte) one};
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      bytes = length == from.length ? from : Arrays.copyOfRange(from, offset, offset + length);
    }
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public PeerInfo remotePeer() {
    return remote;
  }
}
