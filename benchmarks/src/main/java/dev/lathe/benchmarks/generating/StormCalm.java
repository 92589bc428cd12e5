package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.serving.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks at the server between the gusts, when nobody asks: what it counts must be what there is,
 * and nothing may be held.
 */
final class StormCalm {
  /** Rows of a text model's cache. */
  static final int ROWS = 16;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long SECOND = 1_000_000_000L;
  private static final int PATIENCE_SECONDS = 60;
  private static final int ANSWER = 8;

  private final ServerProcess server;
  private final String watcher;
  private final List<String> fillers;
  private final SplittableRandom random;
  private final List<String> faults = new ArrayList<>();
  private final List<Look> looks = new ArrayList<>();

  /**
   * What was seen at one time.
   *
   * @param charged bytes that all models are charged
   * @param threads of the process
   * @param files that it has open, connections among them
   * @param resident bytes after a collection of garbage
   */
  record Look(long charged, long threads, long files, long resident) {}

  /**
   * A calm.
   *
   * @param watcher a key that may read metrics
   * @param fillers keys of as many tenants as a cache has rows, who ask nothing else
   */
  StormCalm(ServerProcess server, String watcher, List<String> fillers, long seed) {
    this.server = server;
    this.watcher = watcher;
    this.fillers = List.copyOf(fillers);
    this.random = new SplittableRandom(seed);
  }

  /** Looks, and finds fault with what is not as it must be. */
  void look() throws IOException {
    awaitNothing();
    for (String version : List.of("v1", "v2")) {
      requireCache(version);
    }
    awaitNothing();
    StormFigures figures = figures();
    require("requests that neither ended nor go on", figures.lost(), 0);
    long charged = (long) figures.sum("lathe_memory_charged_bytes");
    require(
        "bytes charged to nobody", charged - (long) figures.sum("lathe_model_charged_bytes"), 0);
    server.process().collect();
    server.process().collect();
    looks.add(
        new Look(
            charged,
            server.process().threads(),
            server.process().openFiles(),
            server.process().residentBytes()));
  }

  private StormFigures figures() throws IOException {
    return StormFigures.of(StormWire.ask(server.address(), watcher, "GET /metrics", new byte[0]));
  }

  private void awaitNothing() throws IOException {
    List<String> gauges =
        List.of(
            "lathe_text_waiting", "lathe_text_running", "lathe_model_leases", "lathe_queue_depth");
    for (int second = 0; second < PATIENCE_SECONDS; second++) {
      StormFigures figures = figures();
      if (gauges.stream().allMatch(gauge -> figures.sum(gauge) == 0)) {
        return;
      }
      LockSupport.parkNanos(SECOND);
    }
    StormFigures figures = figures();
    gauges.forEach(gauge -> require(gauge, (long) figures.sum(gauge), 0));
  }

  /**
   * Fills every row once, each by a tenant of its own, so that nothing is shared: if a row could
   * not be had, or held something else, the cache would hold another number of tokens.
   */
  private void requireCache(String version) throws IOException {
    long expected = 0;
    List<Future<StormWire.Reply>> replies = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String filler : fillers) {
        int length = 20 + random.nextInt(200);
        expected += length + ANSWER - 1;
        byte[] body = filling(version, length);
        replies.add(
            callers.submit(
                () -> StormWire.ask(server.address(), filler, "POST /v1/completions", body)));
      }
    }
    for (Future<StormWire.Reply> reply : replies) {
      require("status of a request that fills a row", reply.resultNow().status(), 200);
    }
    StormFigures figures = figures();
    long held = (long) figures.of("lathe_text_cache_tokens", version);
    require("tokens in the cache of " + version, held, expected);
    require("rows of " + version, (long) figures.of("lathe_text_rows", version), ROWS);
  }

  private byte[] filling(String version, int length) {
    ObjectNode body = JSON.createObjectNode().put("model", StormModels.CHAT + "@" + version);
    body.put("max_tokens", ANSWER).put("ignore_eos", true).put("temperature", 0);
    random.ints(length, 4, StormFiles.vocabulary()).forEach(body.putArray("prompt")::add);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Finds fault, and goes on. */
  void require(String what, long found, long expected) {
    if (found != expected) {
      String fault =
          "look %d: %s: %d (expected: %d)".formatted(looks.size(), what, found, expected);
      faults.add(fault);
      System.err.println(fault);
    }
  }

  List<String> faults() {
    return faults;
  }

  List<Look> looks() {
    return looks;
  }

  /** Runs of the model, preemptions and so on, by the end. */
  long total(String counter) throws IOException {
    return (long) figures().sum(counter);
  }
}
