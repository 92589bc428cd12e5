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
 * away, so that the client is there to read the answer. Files go to the disk as they come and have
 * a limit of their own.
 *
 * @param file the largest file, at the path where files are uploaded
 * @param budget what all bodies may take together, until each is answered; those that go to the
 *     disk take nothing
 */
record BodyLimit(long file, BodyBudget budget) implements Filter {
  private static final String FILES = "/v1/files";
  private static final String GIT = "/git/";

  /** What a form adds to a file. */
  static final long FORM = 1 << 16;

  /** The largest body that any route takes. */
  long most() {
    return Math.max(budget.largest(), file + FORM);
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String path = request.path().rawPath();
    boolean isFile = path.equals(FILES);
    long bytes = isFile ? file + FORM : budget.largest();
    long length = request.headers().contentLength().orElse(-1);
    if (length > bytes) {
      throw tooLarge(bytes);
    }
    if (request.headers().contains(HeaderNames.TRANSFER_ENCODING)
        || request.headers().contains(HeaderNames.CONTENT_ENCODING)) {
      request.streamFilter(in -> new Counted(in, bytes));
    }
    if (length == 0 || isFile || path.startsWith(GIT)) {
      chain.proceed();
      return;
    }
    Share share = new Share(budget);
    request.streamFilter(in -> new Budgeted(in, share));
    try {
      chain.proceed();
    } finally {
      share.giveBack();
    }
  }

  /** What one body takes of the budget. */
  private static final class Share {
    private final BodyBudget budget;
    private long taken;

    Share(BodyBudget budget) {
      this.budget = budget;
    }

    void giveBack() {
      if (taken > 0) {
        budget.add(-taken);
      }
    }

    void take(long bytes) {
      if (bytes > 0) {
        budget.add(bytes);
        taken += bytes;
      }
    }
  }

  private static final class Budgeted extends FilterInputStream {
    private final Share share;

    Budgeted(InputStream in, Share share) {
      super(in);
      this.share = share;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      share.take(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      share.take(read);
      return read;
    }
  }

  private static LatheException tooLarge(long bytes) {
    return new LatheException(
        ServerError.BODY_TOO_LARGE, "the body is larger than " + bytes + " bytes");
  }

  private static final class Counted extends FilterInputStream {
    private final long bytes;
    private long left;

    Counted(InputStream in, long bytes) {
      super(in);
      this.bytes = bytes;
      this.left = bytes;
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
        throw tooLarge(bytes);
      }
    }
  }
}
