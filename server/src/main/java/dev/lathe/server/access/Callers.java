package dev.lathe.server.access;

import java.util.Optional;

/** Who callers are now for whom work goes on that they began earlier. */
@FunctionalInterface
public interface Callers {
  /**
   * Looks a caller up again.
   *
   * @param then who it was when it began the work
   * @return the caller with the rights of now; nothing if there is no such caller any more
   */
  Optional<Caller> now(Caller then);
}
