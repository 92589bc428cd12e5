package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Quota;
import dev.lathe.server.ServerError;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** What one caller has used. Safe for many threads. */
final class Usage {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;

  private final MinuteWindow requests = new MinuteWindow();
  private final MinuteWindow compute = new MinuteWindow();
  private long second;
  private long day;
  private long dayNanos;

  Usage(long day, long dayMillis) {
    this.day = day;
    this.dayNanos = dayMillis * NANOS_PER_MILLI;
  }

  /** Counts a request, or refuses it. */
  synchronized Left enter(Caller caller, Instant now) {
    requireTime(caller, now);
    Quota quota = caller.quota();
    long made = requests.sum(second);
    if (quota.requestsPerMinute() > 0 && made >= quota.requestsPerMinute()) {
      throw over(
          caller,
          made + " requests in a minute",
          quota.requestsPerMinute() + "",
          requests.secondsUntilBelow(quota.requestsPerMinute()));
    }
    requests.add(second, 1);
    return quota.requestsPerMinute() == 0
        ? Left.UNLIMITED
        : new Left(
            quota.requestsPerMinute(),
            quota.requestsPerMinute() - made - 1,
            requests.secondsUntilBelow(made + 1));
  }

  /** Refuses who has used up the time of models. */
  synchronized void requireTime(Caller caller, Instant now) {
    advance(now);
    Quota quota = caller.quota();
    long minute = quota.computeMillisPerMinute() * NANOS_PER_MILLI;
    if (minute > 0 && compute.sum(second) >= minute) {
      throw over(
          caller,
          compute.sum(second) / NANOS_PER_MILLI + " ms of models' time in a minute",
          quota.computeMillisPerMinute() + " ms",
          compute.secondsUntilBelow(minute));
    }
    if (quota.computeMillisPerDay() > 0
        && dayNanos >= quota.computeMillisPerDay() * NANOS_PER_MILLI) {
      throw over(
          caller,
          dayNanos / NANOS_PER_MILLI + " ms of models' time today",
          quota.computeMillisPerDay() + " ms",
          (day + 1) * SECONDS_PER_DAY - now.getEpochSecond());
    }
  }

  synchronized void charge(long nanos, Instant now) {
    advance(now);
    compute.add(second, nanos);
    dayNanos += nanos;
  }

  /** Milliseconds that models have worked for the caller on a day of UTC. */
  synchronized long millis(long ofDay) {
    return day == ofDay ? dayNanos / NANOS_PER_MILLI : 0;
  }

  /** Whether nothing that counts now was used. */
  synchronized boolean isIdle(Instant now) {
    advance(now);
    return requests.sum(second) == 0 && compute.sum(second) == 0 && dayNanos == 0;
  }

  static long day(Instant now) {
    return now.atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay();
  }

  /** A clock that is set back stands still here. */
  private void advance(Instant now) {
    second = Math.max(second, now.getEpochSecond());
    if (day(now) > day) {
      day = day(now);
      dayNanos = 0;
    }
  }

  private static LatheException over(Caller caller, String used, String most, long seconds) {
    return new LatheException(
        ServerError.QUOTA,
        caller.name() + ": " + used + " (its quota: " + most + ")",
        Duration.ofSeconds(Math.max(1, seconds)));
  }

  /**
   * What is left of a caller's requests.
   *
   * @param limit requests in a minute; 0 if there is no limit
   * @param remaining how many more it may make now
   * @param resetSeconds when it may make one more than that
   */
  record Left(long limit, long remaining, long resetSeconds) {
    static final Left UNLIMITED = new Left(0, 0, 0);
  }
}
