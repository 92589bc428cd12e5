package dev.lathe.server.access;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.server.ApiJson;
import dev.lathe.server.Quota;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What callers with a quota have used. A day's compute time is kept in a file, five seconds behind,
 * so that a restart does not give it back; of the last minute nothing is kept.
 */
public final class Quotas implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Quotas.class.getName());
  private static final long SAVE_MILLIS = 5000;
  private static final int MAX_BYTES = 64 << 20;

  /** Callers beyond these are forgotten once they have used nothing lately. */
  private static final int MOST_CALLERS = 10_000;

  private final Path file;
  private final Clock clock;
  private final Map<String, Usage> byCaller = new ConcurrentHashMap<>();
  private final AtomicLong saved;
  private final AtomicLong forgotten = new AtomicLong();

  /**
   * What is kept.
   *
   * @param day days since 1970, UTC
   * @param computeMillis milliseconds that models worked on that day, by caller
   */
  record Kept(long day, Map<String, Long> computeMillis) {}

  /**
   * Takes up what was used before.
   *
   * @param data the data directory
   * @param clock for minutes and days
   */
  public Quotas(Path data, Clock clock) {
    this.file = data.resolve("access").resolve("usage.json");
    this.clock = clock;
    this.saved = new AtomicLong(clock.millis());
    Kept kept = read();
    kept.computeMillis()
        .forEach((name, millis) -> byCaller.put(name, new Usage(kept.day(), millis)));
  }

  private Kept read() {
    try (InputStream in = Files.newInputStream(file)) {
      return ApiJson.read(in.readNBytes(MAX_BYTES), Kept.class);
    } catch (NoSuchFileException e) {
      return new Kept(0, Map.of());
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, file + ": what was used today is not known: " + e.getMessage());
      return new Kept(0, Map.of());
    }
  }

  /**
   * Counts a request.
   *
   * @param caller who asks
   * @return what is left
   * @throws LatheException QUOTA with the time to try again, if there is nothing left
   */
  Usage.Left enter(Caller caller) {
    if (caller.quota().equals(Quota.NONE)) {
      return Usage.Left.UNLIMITED;
    }
    Instant now = clock.instant();
    return usage(caller, now).enter(caller, now);
  }

  private Usage usage(Caller caller, Instant now) {
    if (byCaller.size() >= MOST_CALLERS && !byCaller.containsKey(caller.name())) {
      forgetIdle(now);
    }
    return byCaller.computeIfAbsent(caller.name(), name -> new Usage(Usage.day(now), 0));
  }

  /** Those who sign in with an issuer are as many as it likes; looked at once in a while. */
  private void forgetIdle(Instant now) {
    long last = forgotten.get();
    if (now.toEpochMilli() - last > SAVE_MILLIS
        && forgotten.compareAndSet(last, now.toEpochMilli())) {
      byCaller.values().removeIf(usage -> usage.isIdle(now));
    }
  }

  /**
   * Lets work for somebody go on that is no request of its own; what it takes is to be charged.
   *
   * @param caller for whom
   * @throws LatheException QUOTA with the time to try again, if the caller has used up the time of
   *     models
   */
  public void requireTime(Caller caller) {
    if (!caller.quota().equals(Quota.NONE)) {
      Instant now = clock.instant();
      usage(caller, now).requireTime(caller, now);
    }
  }

  /**
   * Charges what an answer took. Requests that shared a run share its time.
   *
   * @param request whose caller is charged, if it has a quota
   * @param response with the run's time
   */
  public void charge(InferRequest request, InferResponse response) {
    InferResponse.Timing timing = response.timing();
    charge(request.options().caller(), timing.computeNanos() / Math.max(1, timing.requests()));
  }

  /**
   * Charges time that a model worked for somebody.
   *
   * @param caller who is charged, if it has a quota
   * @param nanos how long
   */
  public void charge(String caller, long nanos) {
    Usage usage = byCaller.isEmpty() ? null : byCaller.get(caller);
    if (usage == null) {
      return;
    }
    usage.charge(nanos, clock.instant());
    long now = clock.millis();
    long last = saved.get();
    if (now - last > SAVE_MILLIS && saved.compareAndSet(last, now)) {
      save();
    }
  }

  /** How many callers are known here. */
  int callers() {
    return byCaller.size();
  }

  private void save() {
    long day = Usage.day(clock.instant());
    Map<String, Long> millis = new TreeMap<>();
    byCaller.forEach((name, usage) -> millis.put(name, usage.millis(day)));
    millis.values().removeIf(used -> used == 0);
    try {
      PrivateFile.replace(file, ApiJson.bytes(new Kept(day, millis)));
    } catch (IOException e) {
      LOG.log(Level.WARNING, file + ": cannot be written: " + e.getMessage());
    }
  }

  /** Keeps what was used. */
  @Override
  public void close() {
    if (!byCaller.isEmpty()) {
      save();
    }
  }
}
