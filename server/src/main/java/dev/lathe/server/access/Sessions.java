package dev.lathe.server.access;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Browsers that signed in. A session stands for the key that it was opened with, so that revoking
 * the key ends it; a restart ends all.
 */
final class Sessions {
  static final Duration LENGTH = Duration.ofHours(12);
  private static final int MOST = 10_000;

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Open> open = new LinkedHashMap<>();

  private record Open(String key, Instant end) {}

  Sessions(Clock clock) {
    this.clock = clock;
  }

  /** Opens a session; the oldest ends where there are too many. */
  synchronized String open(String key) {
    Instant now = clock.instant();
    Iterator<Open> oldest = open.values().iterator();
    while (oldest.hasNext() && (oldest.next().end().isBefore(now) || open.size() >= MOST)) {
      oldest.remove();
    }
    byte[] bits = new byte[32];
    random.nextBytes(bits);
    String name = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    open.put(name, new Open(key, now.plus(LENGTH)));
    return name;
  }

  /** The key that a session was opened with. */
  synchronized Optional<String> key(String session) {
    return Optional.ofNullable(open.get(session))
        .filter(known -> clock.instant().isBefore(known.end()))
        .map(Open::key);
  }

  synchronized void close(String session) {
    open.remove(session);
  }
}
