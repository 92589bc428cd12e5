package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** How far the scoring of a file is: a line every few seconds. */
final class ScoreView {
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final Screen screen;
  private final Clock clock;
  private Instant spoken;
  private long rows = -1;

  ScoreView(Screen screen, Clock clock) {
    this.screen = screen;
    this.clock = clock;
    this.spoken = clock.instant();
  }

  void at(long done) {
    Instant now = clock.instant();
    Duration since = Duration.between(spoken, now);
    if (rows < 0) {
      rows = done;
    }
    if (since.compareTo(EVERY) >= 0) {
      double rate = (done - rows) * 1000.0 / since.toMillis();
      screen.note(String.format(Locale.ROOT, "%,d rows  %,.0f rows/s", done, rate));
      spoken = now;
      rows = done;
    }
  }
}
