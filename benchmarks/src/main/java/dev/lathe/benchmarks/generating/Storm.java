package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.Report;
import dev.lathe.benchmarks.serving.Line;
import dev.lathe.benchmarks.serving.ServerProcess;
import dev.lathe.benchmarks.serving.Store;
import dev.lathe.server.KeyWish;
import dev.lathe.server.Lathe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Random arrivals, departures and disconnections at a server that generates text, and a look at
 * what it holds whenever they pause.
 */
public final class Storm {
  private static final long SECOND = 1_000_000_000L;
  private static final long SEED = 20;
  private static final int TENANTS = 5;
  private static final int KNOWN = 120;

  /** Clients at a time; the server takes fewer connections than twice as many. */
  private static final int CROWD = 400;

  /** Arrivals in a second, of which one is drawn every few seconds. */
  private static final int[] RATES = {2, 15, 40, 80, 250};

  private static final int GUST_SECONDS = 45;

  private final ServerProcess server;
  private final List<String> tenants;
  private final StormTally tally = new StormTally();
  private final StormCalm calm;
  private final StormAsks asks = new StormAsks(SEED);
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Map<StormAsk, Map<String, String>> known = new LinkedHashMap<>();
  private final List<StormAsk> familiar = new ArrayList<>();
  private final StormGuest guest;
  private final StormBackground background;
  private volatile boolean stopped;

  private Storm(ServerProcess server, Keys keys) {
    this.server = server;
    this.tenants = keys.tenants();
    this.calm = new StormCalm(server, keys.all(), keys.fillers(), SEED);
    this.guest = new StormGuest(server.address(), known, tally);
    this.background = new StormBackground(server.address(), keys.all(), known, tally);
  }

  /** Keys of one who may do everything, of those who ask, and of those who fill the cache. */
  private record Keys(String all, List<String> tenants, List<String> fillers) {
    static Keys create(Store store) {
      try (Lathe lathe = Lathe.open(store.data())) {
        return new Keys(
            key(lathe, "all", "*"),
            IntStream.range(0, TENANTS).mapToObj(i -> key(lathe, "t" + i, "infer")).toList(),
            IntStream.range(0, StormCalm.ROWS)
                .mapToObj(i -> key(lathe, "f" + i, "infer"))
                .toList());
      }
    }

    private static String key(Lathe lathe, String name, String right) {
      return lathe
          .keys()
          .create(new KeyWish(name, List.of(right), Optional.empty(), Optional.empty()))
          .key();
    }
  }

  /**
   * Lets the storm go on for some time.
   *
   * @param seconds how long
   * @return the report
   */
  public static Report run(int seconds) {
    Map<String, String> settings =
        Map.of(
            "access.required", "true",
            "limits.adapters", "4",
            "limits.memory", "1GiB",
            "openai.responses.max_count", "50",
            "access.audit", "off");
    try (Store store = Store.temporary()) {
      StormModels.publish(store);
      Keys keys = Keys.create(store);
      try (ServerProcess server = ServerProcess.start(store.data(), settings)) {
        Storm storm = new Storm(server, keys);
        storm.learn();
        int gusts = storm.blow(seconds);
        return storm.report(seconds, gusts);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void learn() throws IOException {
    for (StormAsk ask : asks.known(KNOWN)) {
      known.put(ask, guest.learn(tenants.getFirst(), ask));
    }
    familiar.addAll(known.keySet());
  }

  /** Gusts and looks by turns; how many there were. The first look is what later ones are like. */
  private int blow(int seconds) throws IOException {
    long end = System.nanoTime() + seconds * SECOND;
    int gusts = 0;
    do {
      gust(Math.min(end, System.nanoTime() + GUST_SECONDS * SECOND));
      gusts++;
      background.adapters("unload");
      background.deploy("v1");
      calm.look();
      background.adapters("load");
      System.err.printf(
          "gust %d: %d asked, %d wrong, %s%n",
          gusts, tally.all(), tally.count(StormTally.End.WRONG), calm.looks().getLast());
    } while (System.nanoTime() < end);
    return gusts;
  }

  private void gust(long end) {
    stopped = false;
    Semaphore crowd = new Semaphore(CROWD);
    try (ExecutorService guests = Executors.newVirtualThreadPerTaskExecutor()) {
      guests.submit(() -> background.switching(() -> stopped));
      SplittableRandom own = random.split();
      guests.submit(() -> background.changing(own, () -> stopped));
      guests.submit(() -> background.batches(() -> stopped));
      while (System.nanoTime() < end) {
        arrivals(
            guests, crowd, Math.min(end, System.nanoTime() + (1 + random.nextInt(5)) * SECOND));
      }
      stopped = true;
    }
  }

  /** Independent arrivals at a rate that is drawn anew. */
  private void arrivals(ExecutorService guests, Semaphore crowd, long end) {
    int rate = RATES[random.nextInt(RATES.length)];
    long at = System.nanoTime();
    while (at < end) {
      at += (long) (-Math.log(1 - random.nextDouble()) / rate * SECOND);
      for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      SplittableRandom own = random.split();
      String key = tenants.get(random.nextInt(tenants.size()));
      List<StormAsk> wanted =
          IntStream.range(0, 1 + random.nextInt(3)).mapToObj(_ -> ask()).toList();
      if (crowd.tryAcquire()) {
        guests.submit(
            () -> {
              try {
                guest.visit(key, wanted, own);
              } catch (Error | RuntimeException e) {
                tally.wrong(wanted + ": " + e);
              } finally {
                crowd.release();
              }
            });
      }
    }
  }

  private StormAsk ask() {
    return random.nextInt(3) == 0 ? asks.other() : familiar.get(random.nextInt(familiar.size()));
  }

  private Report report(int seconds, int gusts) throws IOException {
    Report report =
        new Report(
            "A storm of requests",
            "Chats, completions, responses, Anthropic's messages, answers, translations and"
                + " inferences, whole and as streams, by "
                + TENANTS
                + " tenants with priorities, over two versions of a small random decoder that are"
                + " switched every 2 s, "
                + StormModels.ADAPTERS
                + " adapters (room for 4) that are unloaded and loaded, with schemas, tools and"
                + " choices; batches in the background. Arrivals are Poisson's at rates drawn every"
                + " few seconds; four clients in ten leave, at any point, read slowly, or say that"
                + " they send no more. Requests that were asked alone before must be answered with"
                + " the same text. After each gust of "
                + GUST_SECONDS
                + " s, when nobody asks, the server's metrics and process are looked at, and 16"
                + " tenants fill each version's cache with texts of known lengths. Seeded."
                + " Reproduce: `benchmarks/run storm [MINUTES]`.");
    report.fact("load average", Report.load()).header("", "expected", "measured");
    report.row("minutes, gusts", "", String.format(Locale.ROOT, "%.1f, %d", seconds / 60.0, gusts));
    report.row("requests sent", "", String.valueOf(tally.all()));
    for (StormTally.End end : StormTally.End.values()) {
      String expected = end == StormTally.End.WRONG ? "0" : "";
      report.row(end.title(), expected, String.valueOf(tally.count(end)));
    }
    for (String counter : List.of("steps", "preemptions", "cached_tokens", "answer_tokens")) {
      long total = calm.total("lathe_text_" + counter + "_total");
      report.row(counter.replace('_', ' '), "", String.valueOf(total));
    }
    report.row(
        "looks at which a request was lost, a row or a lease held, a token or a byte miscounted",
        "0",
        String.valueOf(calm.faults().size()));
    calm.faults().forEach(fault -> report.row(fault, "", ""));
    levels(report);
    return report;
  }

  private void levels(Report report) {
    report.row("KiB charged to models, at each look", "level", all(look -> look.charged() >> 10));
    report.row("threads, at each look", "level", all(StormCalm.Look::threads));
    report.row("open files, at each look", "level", all(StormCalm.Look::files));
    report.row("resident MiB, at each look", "level", all(look -> look.resident() >> 20));
    List<StormCalm.Look> late = calm.looks().subList(calm.looks().size() / 2, calm.looks().size());
    if (late.size() > 2) {
      Line line =
          Line.through(late.stream().map(look -> look.resident() / (double) (1 << 20)).toList());
      report.row(
          "resident memory in the second half, MiB per gust",
          "level",
          String.format(Locale.ROOT, "%.3f ± %.3f", line.slope(), line.error()));
    }
  }

  private String all(ToLongFunction<StormCalm.Look> figure) {
    return calm.looks().stream()
        .mapToLong(figure)
        .mapToObj(String::valueOf)
        .reduce((one, other) -> one + ", " + other)
        .orElse("");
  }
}
