package dev.lathe.benchmarks.serving;

import static dev.lathe.benchmarks.serving.Scenario.text;

import dev.lathe.benchmarks.Effort;
import dev.lathe.benchmarks.Report;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Answers per second and per second of CPU time, beside other servers and the bare engine. */
public final class Serve implements AutoCloseable {
  private static final int CALLERS = 8;
  private static final int MANY = 32;

  /** Tokens of a query, and of a sentence or two. */
  private static final int SHORT_TEXT = 8;

  private static final int LONG_TEXT = 32;
  private static final String LATHE = "Lathe";
  private static final String ECHO = "echo";
  private static final String DJL_SERVING = "DJL Serving";
  private static final String KEYS = "access.required";

  private final Effort effort;
  private final Report report;
  private final Store store;
  private final String key;
  private final ServerProcess batching;
  private final ServerProcess single;
  private final Optional<Peers.Peer> djl;
  private final Optional<Peers.Peer> fastApi;

  /** 0 until it was measured. */
  private double imageJsonMillis;

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

  /** What can be measured by itself. */
  private enum Part {
    MLP_JSON(Task.MLP),
    MLP_BINARY(Task.MLP),
    IMAGE_JSON(Task.IMAGE),
    IMAGE_BINARY(Task.IMAGE),
    ENCODER(Task.BERT);

    private final Task task;

    Part(Task task) {
      this.task = task;
    }
  }

  /**
   * Measures, and keeps the report after each part.
   *
   * @param effort how long
   * @param only a text that the names of the parts to measure have, such as MLP or JSON; empty for
   *     all of them
   * @param file where the report is kept meanwhile
   * @return the tables
   */
  public static Report run(Effort effort, String only, Path file) {
    Report report =
        new Report(
            "Serving",
            "Servers are processes of their own, all on one core, one at work at a time; the load"
                + " comes from the other core, over connections kept alive. Each side is measured"
                + " in turn, again and again; numbers are medians. CPU time is the process's own,"
                + " user and system. *Bare engine* is ONNX Runtime in a loop without a network;"
                + " *bare socket* reads the same bytes and looks at none; Lathe checks a key and"
                + " counts for its metrics; *echo* is Lathe's HTTP server sending the same body"
                + " back. Reproduce: `benchmarks/run serve`.");
    List<Part> parts = Stream.of(Part.values()).filter(p -> p.name().contains(only)).toList();
    List<Task> tasks = parts.stream().map(part -> part.task).distinct().toList();
    try (Serve serve = new Serve(effort, tasks, report)) {
      Watched.stepAside();
      serve.facts();
      List<String[]> floors = new ArrayList<>();
      for (Part part : parts) {
        floors.addAll(serve.measure(part));
        report.keep(file);
      }
      report.section("What was asked for");
      report.header("", "floor", "measured");
      floors.forEach(report::row);
    }
    return report;
  }

  /** Adds a part's tables to the report; what was asked for of it, beside what came out. */
  private List<String[]> measure(Part part) {
    return switch (part) {
      case MLP_JSON -> mlpJson();
      case MLP_BINARY -> above("MLP", binary(part.task));
      case IMAGE_JSON -> {
        imageJsonMillis = json(part.task).cpuMillis(LATHE);
        yield List.of();
      }
      case IMAGE_BINARY -> imageBinary();
      case ENCODER -> encoder();
    };
  }

  private List<String[]> mlpJson() {
    Scenario scenario = json(Task.MLP);
    List<String[]> floors = new ArrayList<>();
    if (djl.isPresent()) {
      String times = text("%.1f", scenario.ratio(DJL_SERVING));
      floors.add(floor("MLP, JSON: answers per CPU second, Lathe ÷ DJL Serving", "≥ 3", times));
    }
    String echo = text("%.2f", scenario.cpuMillis(ECHO) / scenario.cpuMillis(LATHE));
    floors.add(floor("MLP, JSON: answers per CPU second, Lathe ÷ echo", "aim: 1", echo));
    return floors;
  }

  private List<String[]> imageBinary() {
    Scenario scenario = binary(Task.IMAGE);
    List<String[]> floors = new ArrayList<>();
    if (imageJsonMillis > 0) {
      String times = text("%.1f", imageJsonMillis / scenario.cpuMillis(LATHE));
      floors.add(floor("image: answers per CPU second, binary ÷ JSON", "≥ 2", times));
    }
    floors.addAll(above("image", scenario));
    return floors;
  }

  private static String[] floor(String what, String wanted, String measured) {
    return new String[] {what, wanted, measured};
  }

  private static List<String[]> above(String title, Scenario scenario) {
    double engine = scenario.cpuMillis("bare engine in Java");
    double socket = scenario.cpuMillis("bare socket");
    double above = scenario.cpuMillis(LATHE) - engine;
    return List.of(
        floor(title + ", binary: CPU ms above the bare engine", "≤ 0.10", text("%.3f", above)),
        floor(
            title + ", binary: CPU ms above bare engine and bare socket",
            "–",
            text("%.3f", above - socket)));
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
    djl.ifPresent(peer -> scenario.with(peer(DJL_SERVING, peer, theirs)));
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
    try (BareSocket socket = new BareSocket()) {
      scenario.with(socket.side(signed(ours), CALLERS));
      return withEngines(scenario, task);
    }
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

  /** The encoder at 1, 8 and 32 callers, then what batches of texts of two lengths are worth. */
  private List<String[]> encoder() {
    Payload ours = Payload.json(Store.path(Task.BERT), Task.BERT.json(1, LONG_TEXT));
    Payload theirs = ours.to("/v2/models/" + Task.BERT.id() + "/infer");
    encoder(1, LONG_TEXT, ours).run(longer(), report);
    Scenario some = encoder(CALLERS, LONG_TEXT, ours);
    djl.ifPresent(peer -> some.with(peer(DJL_SERVING, peer, theirs)));
    fastApi.ifPresent(peer -> some.with(peer("FastAPI", peer, theirs)));
    some.run(longer(), report);
    List<String[]> floors = new ArrayList<>();
    for (int tokens : List.of(SHORT_TEXT, LONG_TEXT)) {
      Payload text = Payload.json(Store.path(Task.BERT), Task.BERT.json(1, tokens));
      Scenario many = encoder(MANY, tokens, text).run(longer(), report);
      floors.add(
          floor(
              "encoder, %d tokens, %d callers: answers per second, batching on ÷ off"
                  .formatted(tokens, MANY),
              tokens == SHORT_TEXT ? "≥ 1.5" : "aim: the engine's",
              text("%.2f", many.rate(LATHE) / many.rate("Lathe, batching off"))));
      floors.add(
          floor(
              "encoder, %d tokens: rows per CPU second of the bare engine, %d in a run ÷ 1"
                  .formatted(tokens, MANY),
              "–",
              text("%.2f", curve(tokens))));
    }
    return floors;
  }

  private Scenario encoder(int callers, int tokens, Payload payload) {
    String title = "%s, %d tokens; JSON, callers: %d".formatted(Task.BERT.title(), tokens, callers);
    return new Scenario(title, 1)
        .with(http(LATHE, batching, payload, callers))
        .with(http("Lathe, batching off", single, payload, callers));
  }

  private Effort longer() {
    return new Effort(effort.pairs(), effort.block().multipliedBy(2));
  }

  /** How many times as many rows the engine does in the same time if a run has many. */
  private double curve(int tokens) {
    String length = String.valueOf(tokens);
    String name = Task.BERT.name();
    try (Watched one = Watched.java(List.of(), Engine.class, name, "1", length);
        Watched many = Watched.java(List.of(), Engine.class, name, String.valueOf(MANY), length)) {
      one.line();
      many.line();
      Scenario scenario =
          new Scenario("bare engine, %d tokens; runs of rows".formatted(tokens), 1)
              .with(Side.loop("1 row", one))
              .with(Side.loop(MANY + " rows", many))
              .run(longer(), report);
      return MANY * scenario.cpuMillis("1 row") / scenario.cpuMillis(MANY + " rows");
    }
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
    Load load = new Load(server.address(), signed(payload), callers);
    return Side.http(title, server.process(), load);
  }

  private Payload signed(Payload payload) {
    return payload.with("Authorization", "Bearer " + key);
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
