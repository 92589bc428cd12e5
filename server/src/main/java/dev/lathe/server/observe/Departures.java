package dev.lathe.server.observe;

import io.helidon.common.buffers.DataReader;
import java.io.UncheckedIOException;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Keeps clients that leave within a request's headers, or take too long for them, out of the log:
 * the web server warns of each as of an error of its own, with a trace, so that anybody could fill
 * the disk with them.
 */
public final class Departures implements Filter {
  /** Held, since what nobody holds is forgotten with its filter. */
  private static final Logger LOGGER =
      Logger.getLogger("io.helidon.webserver.http1.Http1Connection");

  private Departures() {}

  /** From now on, in this process. */
  public static void keepQuiet() {
    if (!(LOGGER.getFilter() instanceof Departures)) {
      LOGGER.setFilter(new Departures());
    }
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    Throwable thrown = record.getThrown();
    Throwable cause = thrown == null ? null : thrown.getCause();
    return !(cause instanceof DataReader.InsufficientDataAvailableException
        || cause instanceof UncheckedIOException);
  }
}
