package dev.lathe.benchmarks.serving;

import static dev.lathe.benchmarks.serving.Scenario.text;

import dev.lathe.benchmarks.Report;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Mixed load for a long time, with all that goes wrong in one, and every answer checked. */
public final class Soak {
  private static final long SECOND = 1_000_000_000L;
  private static final String PATH = "/v2/models/bench/mlp/infer";

  private final Store store;
  private final Known known = Known.of(2);
  private final GrpcCallers grpc = new GrpcCallers(known);
  private final AtomicLong right = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong cut = new AtomicLong();
  private final AtomicLong reloads = new AtomicLong();
  private final AtomicLong cancelled = new AtomicLong();
  private final AtomicLong slow = new AtomicLong();
  private final List<Double> resident = new ArrayList<>();
  private final List<Long> threads = new ArrayList<>();
  private final List<Long> files = new ArrayList<>();
  private volatile ServerProcess server;
  private volatile boolean stopped;

  private Soak(Store store) {
    this.store = store;
    this.server = ServerProcess.start(store.data(), Map.of());
  }

  /**
   * Keeps a server under load.
   *
   * @param seconds how long; it is killed and started again after a quarter
   * @return the report
   */
  public static Report run(int seconds) {
    Report report =
        new Report(
            "Soak",
            "Callers in JSON, in binary and by gRPC, in single calls and in streams of 20 each way,"
                + " of which some are cancelled and some have too little time; a model that is"
                + " switched from version to version, clients that go away before their answer or"
                + " send a byte at a time; after a quarter of the time the server is killed by"
                + " SIGKILL and started again. Every answer is compared with what the version that"
                + " it names must say. Reproduce: `benchmarks/run soak [MINUTES]`.");
    try (Store store = Store.temporary().with("mlp", Known.model(1)).with("mlp", Known.model(2))) {
      Soak soak = new Soak(store);
      try {
        soak.load(seconds);
        soak.tell(seconds, report);
      } finally {
        soak.server.close();
      }
    }
    return report;
  }

  private void load(int seconds) {
    long start = System.nanoTime();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      byte[] json = Payload.json(PATH, Task.MLP.json()).wire("localhost");
      byte[] binary = Task.MLP.binary(PATH).wire("localhost");
      for (int i = 0; i < 3; i++) {
        callers.submit(() -> repeat(connection -> ask(connection, json, false)));
        callers.submit(() -> repeat(connection -> ask(connection, binary, true)));
      }
      callers.submit(() -> repeat(this::reload));
      callers.submit(() -> repeat(connection -> leave(connection, json)));
      callers.submit(() -> repeat(connection -> dawdle(connection, json)));
      callers.submit(() -> repeatedly(1, grpc::call));
      callers.submit(() -> repeatedly(2, grpc::call));
      callers.submit(() -> repeatedly(3, grpc::stream));
      boolean killed = false;
      for (int second = 1; second <= seconds; second++) {
        LockSupport.parkNanos(start + second * SECOND - System.nanoTime());
        if (!killed && second >= seconds / 4) {
          server.process().kill();
          server = ServerProcess.start(store.data(), Map.of());
          killed = true;
        }
        Watched process = server.process();
        resident.add(process.residentBytes() / (double) (1 << 20));
        threads.add(process.threads());
        files.add(process.openFiles());
      }
      stopped = true;
    }
  }

  private interface Turn {
    void take(Connection connection) throws IOException;
  }

  /** Connects again whenever the connection ends, as it does when the server is killed. */
  private void repeat(Turn turn) {
    while (!stopped) {
      try (Connection connection = new Connection(server.address())) {
        while (!stopped) {
          turn.take(connection);
        }
      } catch (IOException e) {
        cut.incrementAndGet();
        LockSupport.parkNanos(SECOND / 10);
      }
    }
  }

  private interface Calls {
    void make(URI address, SplittableRandom random, BooleanSupplier ended) throws IOException;
  }

  /** By gRPC, over one connection after the other. */
  private void repeatedly(long seed, Calls calls) {
    SplittableRandom random = new SplittableRandom(seed);
    while (!stopped) {
      try {
        calls.make(server.address(), random, () -> stopped);
      } catch (IOException e) {
        LockSupport.parkNanos(SECOND / 10);
      }
    }
  }

  private void ask(Connection connection, byte[] request, boolean binary) throws IOException {
    judge(connection.exchange(request), binary);
    LockSupport.parkNanos(SECOND / 500);
  }

  private void judge(Connection.Answer answer, boolean binary) {
    if (answer.status() == 429 || answer.status() == 503) {
      refused.incrementAndGet();
    } else if (answer.status() == 200
        && (binary ? known.fitsBinary(answer.body()) : known.fits(answer.body()))) {
      right.incrementAndGet();
    } else {
      wrong.incrementAndGet();
      System.err.println("wrong: " + answer.status() + " " + new String(answer.body()));
    }
  }

  private void reload(Connection connection) throws IOException {
    String version = reloads.incrementAndGet() % 2 == 0 ? "v2" : "v1";
    Payload deploy =
        Payload.json(
            "/api/v1/models/bench/mlp/deployments",
            "{\"version\":\"" + version + "\",\"environment\":\"prod\"}");
    Connection.Answer answer = connection.exchange(deploy.wire("localhost"));
    if (answer.status() != 200) {
      wrong.incrementAndGet();
      System.err.println("reload: " + answer.status() + " " + new String(answer.body()));
    }
    LockSupport.parkNanos(2 * SECOND);
  }

  private void leave(Connection connection, byte[] request) throws IOException {
    connection.send(request);
    connection.close();
    cancelled.incrementAndGet();
    LockSupport.parkNanos(SECOND / 20);
    throw new IOException("left");
  }

  private void dawdle(Connection connection, byte[] request) throws IOException {
    for (int at = 0; at < request.length && !stopped; at += 200) {
      connection.send(
          java.util.Arrays.copyOfRange(request, at, Math.min(request.length, at + 200)));
      LockSupport.parkNanos(SECOND / 5);
    }
    if (!stopped) {
      judge(connection.receive(), false);
      slow.incrementAndGet();
    } else {
      throw new IOException("stopped");
    }
  }

  private void tell(int seconds, Report report) {
    report.header("", "expected", "measured");
    report.row("minutes", "", text("%.1f", seconds / 60.0));
    report.row(
        "answers as they must be: over HTTP, by gRPC", "", right.get() + ", " + grpc.right());
    report.row("wrong answers: over HTTP, by gRPC", "0, 0", wrong.get() + ", " + grpc.wrong());
    report.row("gRPC: streams; calls cancelled, late, cut by the kill", "", grpc.ends());
    report.row("refused (429, 503)", "", String.valueOf(refused.get()));
    report.row("version switches", "", String.valueOf(reloads.get()));
    report.row("clients that left, slow clients served", "", cancelled.get() + ", " + slow.get());
    report.row("connections that ended (those that left, and the kill)", "", cut.toString());
    int half = seconds / 2;
    List<Double> late = resident.subList(half, seconds);
    Line line = Line.through(late);
    report.row(
        "resident MiB: after a half, at the end",
        "",
        text("%.0f, %.0f", late.getFirst(), late.getLast()));
    report.row(
        "resident memory in the second half, MiB per minute",
        "level",
        text("%.3f ± %.3f", line.slope() * 60, line.error() * 60));
    report.row(
        "threads: after a half, at the end", "level", threads.get(half) + ", " + threads.getLast());
    report.row(
        "open files: after a half, at the end", "level", files.get(half) + ", " + files.getLast());
  }
}
