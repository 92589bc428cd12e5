package dev.lathe.benchmarks.serving;

import static dev.lathe.benchmarks.serving.Scenario.text;

import dev.lathe.benchmarks.Report;
import dev.lathe.ir.Model;
import dev.lathe.zoo.Answer;
import dev.lathe.zoo.Encoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Requests at three times the rate that the server can answer. */
public final class Overload {
  private static final int CONNECTIONS = 160;
  private static final int SEARCH_CALLERS = 16;
  private static final double SEARCH_SECONDS = 6;

  private final ServerProcess server;
  private final ConcurrentLinkedQueue<Long> admitted = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Long> refused = new ConcurrentLinkedQueue<>();
  private final AtomicLong late = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();

  private Overload(ServerProcess server) {
    this.server = server;
  }

  /**
   * Overloads a server.
   *
   * @param seconds how long
   * @return the report
   */
  public static Report run(int seconds) {
    Report report =
        new Report(
            "Overload",
            "The server on one core, an encoder of 6 layers, 384 wide, 32 tokens. First one caller, then 16 to find"
                + " what it can answer; then requests at three times that rate, on a clock that"
                + " waits for no answer, each with a deadline of 8 times the median of the one"
                + " caller. Reproduce: `benchmarks/run overload`.");
    try (Store store = Store.temporary().with("encoder", encoder());
        ServerProcess server = ServerProcess.start(store.data(), Map.of())) {
      Watched.stepAside();
      new Overload(server).run(seconds, report);
    }
    return report;
  }

  private static Model encoder() {
    Encoder.Size size = new Encoder.Size(384, 1536, 6, 6);
    return new Encoder(30_522, 512, size, 0, Encoder.Norm.POST, Answer.SEQUENCE, 2).build(1);
  }

  private void run(int seconds, Report report) {
    Payload ask = Task.BERT.binary("/v2/models/bench/encoder/infer");
    new Load(server.address(), ask, SEARCH_CALLERS).run(SEARCH_SECONDS);
    Load.Done one = new Load(server.address(), ask, 1).run(SEARCH_SECONDS);
    double median = one.seconds() / one.requests();
    Load.Done many = new Load(server.address(), ask, SEARCH_CALLERS).run(SEARCH_SECONDS);
    double rate = 3 * many.requests() / many.seconds();
    long deadline = Math.round(8e6 * median);
    double before = server.process().residentBytes() / 1e6;
    flood(ask.with("Lathe-Timeout", String.valueOf(deadline)), rate, seconds);
    double after = server.process().residentBytes() / 1e6;
    report.header("", "expected", "measured");
    report.row("one caller, mean ms", "", text("%.2f", median * 1e3));
    report.row("answers/s of 16 callers", "", text("%.0f", rate / 3));
    report.row(
        "requests sent in " + seconds + " s, per s",
        text("%.0f", rate),
        text("%.0f", (double) sent.get() / seconds));
    report.row("answered, per s", "", text("%.0f", (double) admitted.size() / seconds));
    report.row("refused (429, 503)", "", String.valueOf(refused.size()));
    report.row("admitted, then past their deadline (504)", "few", String.valueOf(late.get()));
    report.row("without an answer", "0", String.valueOf(lost.get()));
    report.row(
        "answered, p99 in ms", text("≤ %.1f", 10e3 * median), text("%.2f", millis(admitted, 0.99)));
    report.row(
        "refused, median and p99 in ms",
        "at once",
        text("%.2f, %.2f", millis(refused, 0.5), millis(refused, 0.99)));
    report.row("resident MB before, after", "flat", text("%.0f, %.0f", before, after));
    Connection.Answer last;
    try (Connection connection = new Connection(server.address())) {
      last = connection.exchange(ask.wire("localhost"));
    } catch (IOException e) {
      last = new Connection.Answer(0, new byte[0], true);
    }
    report.row("a request afterwards", "200", String.valueOf(last.status()));
  }

  private void flood(Payload ask, double rate, int seconds) {
    byte[] request = ask.wire("localhost");
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    AtomicLong slots = new AtomicLong();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        callers.submit(() -> call(request, slots, rate, new long[] {start, end}));
      }
    }
  }

  private void call(byte[] request, AtomicLong slots, double rate, long[] span) {
    try (Connection connection = new Connection(server.address())) {
      while (true) {
        long due = span[0] + (long) (slots.getAndIncrement() / rate * 1e9);
        if (due >= span[1]) {
          return;
        }
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        long begin = System.nanoTime();
        sent.incrementAndGet();
        count(connection.exchange(request).status(), System.nanoTime() - begin);
      }
    } catch (IOException e) {
      lost.incrementAndGet();
    }
  }

  private void count(int status, long nanos) {
    switch (status) {
      case 200 -> admitted.add(nanos);
      case 429, 503 -> refused.add(nanos);
      case 504 -> late.incrementAndGet();
      default -> lost.incrementAndGet();
    }
  }

  private static double millis(ConcurrentLinkedQueue<Long> nanos, double part) {
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return sorted.isEmpty() ? 0 : sorted.get((int) (part * (sorted.size() - 1))) / 1e6;
  }
}
