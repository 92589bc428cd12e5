package dev.lathe.benchmarks.serving;

import static dev.lathe.benchmarks.serving.Scenario.text;

import dev.lathe.benchmarks.Effort;
import dev.lathe.benchmarks.Report;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers per second and per second of CPU time, beside other servers and the bare engine. */
public final class Serve implements AutoCloseable {
  private static final int CALLERS = 8;
  private static final String LATHE = "Lathe";
  private static final String ECHO = "echo";
  private static final String KEYS = "access.required";

  private final Effort effort;
  private final Report report;
  private final Store store;
  private final String key;
  private final ServerProcess batching;
  private final ServerProcess single;
  private final Optional<Peers.Peer> djl;
  private final Optional<Peers.Peer> fastApi;

  private Serve(Effort effort, List<Task> tasks, Report report) {
    this.effort = effort;
    this.report = report;
    this.store = Store.temporary();
    tasks.forEach(store::with);
    this.key = store.key();
    this.batching = ServerProcess.start(store.data(), Map.of(KEYS, "true"));
    this.single =
        ServerProcess.start(store.data(), Map.of(KEYS, "true", "limits.max_batch_rows", "1"));
    this.djl = Peers.djl(store.models(), tasks);
    this.fastApi = Peers.fastApi(store.models());
  }

  /**
   * Measures.
   *
   * @param effort how long; one round only measures the smallest model
   * @return the tables
   */
  public static Report run(Effort effort) {
    Report report =
        new Report(
            "Serving",
            "Servers are processes of their own, all on one core, one at work at a time; the load"
                + " comes from the other core, over connections kept alive. Each side is measured"
                + " in turn, again and again; numbers are medians. CPU time is the process's own,"
                + " user and system. *Bare engine* is ONNX Runtime in a loop without a network;"
                + " Lathe checks a key and counts for its metrics; *echo* is Lathe's HTTP server sending the same body back. Reproduce:"
                + " `benchmarks/run serve`.");
    boolean small = effort.pairs() == 1;
    List<Task> tasks = small ? List.of(Task.MLP) : List.of(Task.values());
    try (Serve serve = new Serve(effort, tasks, report)) {
      Watched.stepAside();
      serve.facts();
      Scenario json = serve.json(Task.MLP);
      Scenario binary = serve.binary(Task.MLP);
      if (small) {
        return report;
      }
      Scenario imageJson = serve.json(Task.IMAGE);
      Scenario imageBinary = serve.binary(Task.IMAGE);
      Scenario batches = serve.batches();
      report.section("What was asked for");
      report.header("", "floor", "measured");
      serve.djl.ifPresent(
          peer ->
              report.row(
                  "MLP, JSON: answers per CPU second, Lathe ÷ DJL Serving",
                  "≥ 3",
                  text("%.1f", json.ratio("DJL Serving"))));
      report.row(
          "image: answers per CPU second, binary ÷ JSON",
          "≥ 2",
          text("%.1f", imageJson.cpuMillis(LATHE) / imageBinary.cpuMillis(LATHE)));
      report.row("MLP, binary: CPU ms above the bare engine", "≤ 0.10", above(binary));
      report.row("image, binary: CPU ms above the bare engine", "≤ 0.10", above(imageBinary));
      report.row(
          "encoder at 32 callers: answers per second, batching on ÷ off",
          "≥ 1.5",
          text("%.2f", batches.rate(LATHE) / batches.rate("Lathe, batching off")));
      report.row(
          "MLP, JSON: answers per CPU second, Lathe ÷ echo",
          "aim: 1",
          text("%.2f", json.cpuMillis(ECHO) / json.cpuMillis(LATHE)));
    }
    return report;
  }

  private static String above(Scenario scenario) {
    return text("%.3f", scenario.cpuMillis(LATHE) - scenario.cpuMillis("bare engine in Java"));
  }

  private void facts() {
    report.fact(
        "rounds", effort.pairs() + " of " + effort.block().toMillis() + " ms for each side");
    report.fact("DJL Serving", djl.map(Peers.Peer::version).orElse("not built here"));
    report.fact("FastAPI", fastApi.map(Peers.Peer::version).orElse("not installed here"));
    report.fact("busy threads before (1, 5, 15 min)", Report.load());
  }

  private Scenario json(Task task) {
    Payload ours = Payload.json(Store.path(task), task.json());
    Payload theirs = ours.to("/v2/models/" + task.id() + "/infer");
    Scenario scenario = new Scenario(title(task, "JSON"), warmUp(task)).with(lathe(ours));
    djl.ifPresent(peer -> scenario.with(peer("DJL Serving", peer, theirs)));
    fastApi.ifPresent(
        peer -> {
          scenario.with(peer("FastAPI, raw body, orjson", peer, theirs));
          scenario.with(peer("FastAPI, pydantic", peer, ours.to("/checked/" + task.id())));
        });
    scenario.with(http(ECHO, batching, ours.to("/echo"), CALLERS));
    return withEngines(scenario, task);
  }

  private Scenario binary(Task task) {
    Payload ours = task.binary(Store.path(task));
    Scenario scenario = new Scenario(title(task, "binary"), warmUp(task)).with(lathe(ours));
    djl.ifPresent(
        peer -> {
          Payload array = Payload.binary("/predictions/" + task.id(), task.npy());
          scenario.with(peer("DJL Serving, NumPy array", peer, array));
        });
    fastApi.ifPresent(
        peer ->
            scenario.with(
                peer("FastAPI, raw body", peer, ours.to("/v2/models/" + task.id() + "/infer"))));
    scenario.with(http(ECHO, batching, ours.to("/echo"), CALLERS));
    return withEngines(scenario, task);
  }

  private Scenario withEngines(Scenario scenario, Task task) {
    try (Watched engine = Watched.java(List.of(), Engine.class, task.name())) {
      engine.line();
      scenario.with(Side.loop("bare engine in Java", engine));
      Optional<Peers.Peer> python = Peers.pythonEngine(store.models(), task);
      python.ifPresent(peer -> scenario.with(Side.loop("bare engine in Python", peer.process())));
      try {
        return scenario.run(effort, report);
      } finally {
        python.ifPresent(Peers.Peer::close);
      }
    }
  }

  /** The encoder at 1, 8 and 32 callers; the scenario of 32 is returned. */
  private Scenario batches() {
    Payload ours = Payload.json(Store.path(Task.BERT), Task.BERT.json());
    Payload theirs = ours.to("/v2/models/" + Task.BERT.id() + "/infer");
    Effort longer = new Effort(effort.pairs(), Duration.ofSeconds(3));
    Scenario last = new Scenario("", 1);
    for (int callers : List.of(1, CALLERS, 32)) {
      last =
          new Scenario(Task.BERT.title() + "; JSON, callers: " + callers, 1)
              .with(http(LATHE, batching, ours, callers))
              .with(http("Lathe, batching off", single, ours, callers));
      if (callers == CALLERS) {
        Scenario middle = last;
        djl.ifPresent(peer -> middle.with(peer("DJL Serving", peer, theirs)));
        fastApi.ifPresent(peer -> middle.with(peer("FastAPI", peer, theirs)));
      }
      last.run(longer, report);
    }
    return last;
  }

  private static int warmUp(Task task) {
    return task == Task.MLP ? 10 : 2;
  }

  private static String title(Task task, String form) {
    return task.title() + "; " + form + ", callers: " + CALLERS;
  }

  private Side lathe(Payload payload) {
    return http(LATHE, batching, payload, CALLERS);
  }

  private Side http(String title, ServerProcess server, Payload payload, int callers) {
    Payload signed = payload.with("Authorization", "Bearer " + key);
    return Side.http(title, server.process(), new Load(server.address(), signed, callers));
  }

  private static Side peer(String title, Peers.Peer peer, Payload payload) {
    return Side.http(title, peer.process(), new Load(peer.address(), payload, CALLERS));
  }

  @Override
  public void close() {
    fastApi.ifPresent(Peers.Peer::close);
    djl.ifPresent(Peers.Peer::close);
    single.close();
    batching.close();
    store.close();
  }
}
