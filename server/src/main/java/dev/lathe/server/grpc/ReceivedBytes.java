package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.util.concurrent.atomic.AtomicLong;

/** How much memory the messages of all streams hold: many callers together have a limit, too. */
final class ReceivedBytes {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * Nothing is held.
   *
   * @param most bytes that may be held
   */
  ReceivedBytes(long most) {
    this.most = most;
  }

  /**
   * Counts memory that is taken, or given back.
   *
   * @param bytes how much; negative gives back
   * @throws LatheException BUSY if there is not so much left; nothing is counted then
   */
  void add(long bytes) {
    if (held.addAndGet(bytes) > most && bytes > 0) {
      held.addAndGet(-bytes);
      throw new LatheException(
          ServerError.BUSY,
          "messages that are being received take " + most + " bytes already; try again");
    }
  }

  /** Bytes held now. */
  long held() {
    return held.get();
  }
}
