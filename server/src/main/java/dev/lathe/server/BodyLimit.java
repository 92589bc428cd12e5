package dev.lathe.server;

import dev.lathe.ir.LatheException;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Refuses bodies above a limit, also those without a length and those that inflate beyond it. The
 * web server's own limit lies higher: what is a little too large is read to its end and thrown
 * away, so that the client is there to read the answer.
 *
 * @param bytes the largest body
 */
record BodyLimit(long bytes) implements Filter {
  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    long length = request.headers().contentLength().orElse(-1);
    if (length > bytes) {
      throw tooLarge();
    }
    if (request.headers().contains(HeaderNames.TRANSFER_ENCODING)
        || request.headers().contains(HeaderNames.CONTENT_ENCODING)) {
      request.streamFilter(Counted::new);
    }
    chain.proceed();
  }

  private LatheException tooLarge() {
    return new LatheException(
        ServerError.BODY_TOO_LARGE, "the body is larger than " + bytes + " bytes");
  }

  private final class Counted extends FilterInputStream {
    private long left = bytes;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      count(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(long read) {
      left -= read;
      if (left < 0) {
        throw tooLarge();
      }
    }
  }
}
