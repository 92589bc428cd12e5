package dev.lathe.server;

import dev.lathe.ir.LatheException;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A body as it comes from the network. Whatever the web server throws while it reads, because the
 * sender went away or framed its body wrongly, is an {@link IOException} here, so that no handler
 * takes it for a defect of its own.
 */
final class ReceivedBody extends FilterInputStream {
  private final Runnable whenBroken;

  private ReceivedBody(InputStream in, Runnable whenBroken) {
    super(in);
    this.whenBroken = whenBroken;
  }

  /** A body before it is inflated. */
  static ReceivedBody packed(InputStream in) {
    return new ReceivedBody(in, () -> {});
  }

  /**
   * Lays this over the body of every request. After a broken body nobody knows where the next
   * request begins, so the connection is closed once the answer is out.
   */
  static void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    AtomicBoolean broken = new AtomicBoolean();
    request.streamFilter(
        in ->
            new ReceivedBody(
                in,
                () -> {
                  broken.set(true);
                  announceClose(response);
                }));
    chain.proceed();
    if (broken.get()) {
      throw new CloseConnectionException("a request's body broke off");
    }
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (IOException | RuntimeException e) {
      throw broken(e);
    }
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      return in.read(into, offset, length);
    } catch (IOException | RuntimeException e) {
      throw broken(e);
    }
  }

  @Override
  public long skip(long count) throws IOException {
    try {
      return in.skip(count);
    } catch (IOException | RuntimeException e) {
      throw broken(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      in.close();
    } catch (IOException | RuntimeException e) {
      throw broken(e);
    }
  }

  private IOException broken(Exception failure) {
    if (failure instanceof HttpException refused) {
      throw refused;
    }
    if (failure instanceof RequestException refused) {
      throw refused;
    }
    whenBroken.run();
    if (failure instanceof LatheException late) {
      throw late;
    }
    return failure instanceof IOException known
        ? known
        : new IOException("the request's body broke off", failure);
  }

  private static void announceClose(RoutingResponse response) {
    if (StreamRequest.current().isEmpty() && !response.isSent() && response.bytesWritten() == 0) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
  }
}
