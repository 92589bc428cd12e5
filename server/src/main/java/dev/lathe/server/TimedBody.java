package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body whose parts have a limit of time each, and all of them a number of bytes a second. */
final class TimedBody extends FilterInputStream {
  private final Wait wait;
  private long nanos;
  private long bytes;

  /**
   * A body of which nothing has come.
   *
   * @param in the body
   * @param wait is told of each wait for a part
   */
  TimedBody(InputStream in, Wait wait) {
    super(in);
    this.wait = wait;
  }

  /** Somebody who ends a wait that takes too long. */
  interface Wait {
    void begins();

    void ends();

    boolean isTooSlow(long nanos, long bytes);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int read = read(one, 0, 1);
    return read < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (wait.isTooSlow(nanos, bytes)) {
      throw new LatheException(
          ServerError.TOO_SLOW,
          "the body comes too slowly: " + bytes + " bytes in " + nanos / 1_000_000 + " ms");
    }
    long start = System.nanoTime();
    wait.begins();
    try {
      int read = in.read(into, offset, length);
      bytes += Math.max(0, read);
      return read;
    } finally {
      nanos += System.nanoTime() - start;
      wait.ends();
    }
  }
}
