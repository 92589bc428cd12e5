package dev.lathe.server;

import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the bodies and messages of all requests hold: many callers together have a limit,
 * too. What was promised and has not come is not counted.
 */
public final class BodyBudget {
  private static final int USUAL = 8;
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final long largest;
  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * Nothing is held.
   *
   * @param largest bytes that one body may have, also once it is inflated
   * @param most bytes that may be held
   */
  public BodyBudget(long largest, long most) {
    this.largest = largest;
    this.most = most;
  }

  /** The budget of a server. */
  static BodyBudget of(ServerConfig.Limits limits) {
    long body = limits.maxBodyBytes();
    long heap = Runtime.getRuntime().maxMemory();
    return new BodyBudget(
        body,
        limits.maxBodies() == 0
            ? Math.max(2 * body, Math.min(USUAL * body, heap / 2))
            : Math.max(limits.maxBodies(), body));
  }

  /**
   * The largest body.
   *
   * @return bytes
   */
  public long largest() {
    return largest;
  }

  /**
   * Counts memory that is taken, or given back.
   *
   * @param bytes how much; negative gives back
   * @throws LatheException BUSY if there is not so much left; nothing is counted then
   */
  public void add(long bytes) {
    if (held.addAndGet(bytes) > most && bytes > 0) {
      held.addAndGet(-bytes);
      throw new LatheException(
          ServerError.BUSY,
          "bodies that are being received take " + most + " bytes already; try again",
          RETRY);
    }
  }

  /**
   * Memory that is taken.
   *
   * @return bytes
   */
  public long held() {
    return held.get();
  }
}
