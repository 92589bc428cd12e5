package dev.lathe.server;

import dev.lathe.server.config.Settings;
import java.time.Duration;

/**
 * How long a client may take to say what it wants and to read the answer: keys of section {@code
 * limits}.
 *
 * @param header for a request's first line and headers, and for a connection's handshake
 * @param body between two parts of a body
 * @param idle between two requests
 * @param maxHeaderBytes how large a request's headers may be together
 * @param sending how slow both ways may be
 */
public record Patience(
    Duration header, Duration body, Duration idle, int maxHeaderBytes, Sending sending) {

  /**
   * How slow a client may send and read.
   *
   * @param write how long until a client takes the next part of an answer
   * @param stream how long a stream of many questions waits for its next
   * @param leastBytesPerSecond what a body, and an answer, must come to; 0 for anything
   * @param grace how long they may be slower first
   */
  public record Sending(Duration write, Duration stream, long leastBytesPerSecond, Duration grace) {
    /**
     * Whether somebody was too slow.
     *
     * @param nanos how long was waited for it
     * @param bytes what came of it
     * @return true if it was waited for longer than the grace, and too little came
     */
    public boolean isTooSlow(long nanos, long bytes) {
      return nanos > grace.toNanos() && bytes < nanos / 1e9 * leastBytesPerSecond;
    }
  }

  static Patience of(Settings section) {
    return new Patience(
        section.span("header_timeout"),
        section.span("body_timeout"),
        section.span("idle_timeout"),
        section.small("max_headers"),
        new Sending(
            section.span("write_timeout"),
            section.span("stream_timeout"),
            section.whole("min_rate"),
            section.span("rate_grace")));
  }
}
