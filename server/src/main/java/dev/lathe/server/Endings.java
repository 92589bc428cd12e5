package dev.lathe.server;

import java.util.concurrent.atomic.LongAdder;

/** How often clients' connections and requests were ended because they wore the server out. */
public final class Endings {
  private final LongAdder[] counts = new LongAdder[Reason.values().length];

  /** Nothing was ended yet. */
  public Endings() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /** Why a connection or a request was ended. */
  public enum Reason {
    /** A handshake, a first frame, or headers did not come. */
    HEADERS,
    /** The next part of a body did not come. */
    BODY,
    /** No request came. */
    IDLE,
    /** A stream of many questions got no question. */
    STREAM,
    /** An answer was not read. */
    UNREAD,
    /** A body came, or an answer was read, too slowly. */
    RATE,
    /** One address had too many connections. */
    ADDRESS
  }

  /**
   * Counts.
   *
   * @param reason why something was ended
   */
  public void ended(Reason reason) {
    counts[reason.ordinal()].increment();
  }

  /**
   * How often something was ended.
   *
   * @param reason why
   * @return how often since the server began
   */
  public long count(Reason reason) {
    return counts[reason.ordinal()].sum();
  }
}
