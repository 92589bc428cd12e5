package dev.lathe.server;

import dev.lathe.server.config.Settings;

/**
 * What a caller may use. Zero stands for no limit.
 *
 * @param requestsPerMinute requests in any minute
 * @param computeMillisPerMinute milliseconds that models work for it, in any minute
 * @param computeMillisPerDay the same, in a day of UTC
 */
public record Quota(long requestsPerMinute, long computeMillisPerMinute, long computeMillisPerDay) {
  /** No limit at all. */
  public static final Quota NONE = new Quota(0, 0, 0);

  static Quota of(Settings section) {
    return new Quota(
        section.whole("requests_per_minute"),
        section.span("compute_per_minute").toMillis(),
        section.span("compute_per_day").toMillis());
  }
}
