package dev.lathe.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/1.1 that reads long bodies in pieces of up to 64 KiB. The web server reads
 * all things in pieces of 8 KiB, and copies each. What is read is never more than the body that the
 * headers announce, so that memory is bounded by it, and by the piece. Used by one thread.
 */
final class LongReads implements ConnectionContext {
  private static final int USUAL = 1 << 13;
  private static final int LONGEST = 1 << 16;

  private final ConnectionContext inner;
  private final PeerInfo remote;
  private final DataReader reader;

  /** Bytes of the body that are yet to be read from the connection. */
  private long awaited;

  private LongReads(ConnectionContext inner) {
    this.inner = inner;
    this.remote = inner.remotePeer();
    this.reader = DataReader.create(this::read);
  }

  /** Connections that read so, unless they are encrypted: those are read by records. */
  static ServerConnectionSelector over(ServerConnectionSelector selector) {
    return new Selector(selector);
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
    return bytes;
  }

  /** By the one way to read into memory of a chosen size that comes after what was read ahead. */
  @SuppressWarnings("removal")
  private byte @Nullable [] readLong() {
    BufferData room = BufferData.create((int) Math.min(awaited, LONGEST));
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

  private record Selector(ServerConnectionSelector inner) implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
      return inner.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
      return inner.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
      return inner.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
      return inner.connection(context.isSecure() ? context : new LongReads(context));
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

  @Override
  public ListenerContext listenerContext() {
    return inner.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return inner.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return inner.dataWriter();
  }

  @Override
  public Router router() {
    return inner.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return inner.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return inner.serverSocket();
  }

  @Override
  public PeerInfo localPeer() {
    return inner.localPeer();
  }

  @Override
  public boolean isSecure() {
    return inner.isSecure();
  }

  @Override
  public String socketId() {
    return inner.socketId();
  }

  @Override
  public String childSocketId() {
    return inner.childSocketId();
  }
}
