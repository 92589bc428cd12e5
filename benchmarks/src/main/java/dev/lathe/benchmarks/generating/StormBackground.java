package dev.lathe.benchmarks.generating;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What goes on beside the callers: versions are switched, adapters loaded and unloaded, batches
 * answered.
 *
 * @param server whose
 * @param key of somebody who may do everything
 * @param known requests whose answers are known
 * @param tally hears what went wrong
 */
record StormBackground(
    URI server, String key, Map<StormAsk, Map<String, String>> known, StormTally tally) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long SECOND = 1_000_000_000L;
  private static final int LINES = 30;
  private static final int BATCH_SECONDS = 300;

  /** Makes a version of the model that chats live. */
  void deploy(String version) throws IOException {
    ask(
        "POST /api/v1/models/" + StormModels.CHAT + "/deployments",
        "{\"version\":\"" + version + "\",\"environment\":\"prod\"}");
  }

  /** Loads or unloads an adapter. */
  void adapter(int number, String verb) throws IOException {
    ask("POST /v2/repository/models/" + StormModels.adapter(number) + "/" + verb, "{}");
  }

  /** Loads or unloads all of them. */
  void adapters(String verb) throws IOException {
    for (int i = 0; i < StormModels.ADAPTERS; i++) {
      adapter(i, verb);
    }
  }

  /** Switches versions until it is told to stop. */
  void switching(BooleanSupplier stopped) {
    String version = "v2";
    while (pause(2, stopped)) {
      String next = version;
      attempt(() -> deploy(next));
      version = next.equals("v1") ? "v2" : "v1";
    }
  }

  /** Unloads adapters and loads them again until it is told to stop. */
  void changing(SplittableRandom random, BooleanSupplier stopped) {
    while (pause(1, stopped)) {
      int number = random.nextInt(StormModels.ADAPTERS);
      attempt(() -> adapter(number, "unload"));
      LockSupport.parkNanos(random.nextLong(SECOND));
      attempt(() -> adapter(number, "load"));
    }
  }

  /** Has batches answered, one after the other, until it is told to stop. */
  void batches(BooleanSupplier stopped) {
    List<StormAsk> asks =
        known.keySet().stream()
            .filter(ask -> ask.door() == StormAsk.Door.CHAT)
            .limit(LINES)
            .toList();
    boolean cancelled = false;
    while (pause(1, stopped)) {
      boolean cancels = cancelled;
      attempt(() -> batch(asks, cancels));
      cancelled = !cancelled;
    }
  }

  private void batch(List<StormAsk> asks, boolean cancels) throws IOException {
    String file = upload(asks);
    ObjectNode wish = JSON.createObjectNode().put("input_file_id", file);
    wish.put("endpoint", "/v1/chat/completions").put("completion_window", "24h");
    JsonNode batch = ask("POST /v1/batches", wish.toString());
    String id = batch.path("id").asString("");
    if (cancels) {
      cancel(id);
    }
    for (int second = 0; second < BATCH_SECONDS && !hasEnded(batch); second++) {
      LockSupport.parkNanos(SECOND);
      batch = ask("GET /v1/batches/" + id, "");
    }
    int right = right(asks, batch.path("output_file_id").asString(""));
    boolean whole = batch.path("status").asString("").equals("completed");
    if (!hasEnded(batch) || whole && right != asks.size() || !whole && !cancels) {
      tally.wrong("batch: " + right + " lines right: " + batch);
    }
    for (String name : List.of("output_file_id", "error_file_id", "input_file_id")) {
      String made = batch.path(name).asString("");
      if (!made.isEmpty()) {
        ask("DELETE /v1/files/" + made, "");
      }
    }
  }

  /** It may have been completed before. */
  private void cancel(String batch) throws IOException {
    String line = "POST /v1/batches/" + batch + "/cancel";
    StormWire.Reply reply = StormWire.ask(server, key, line, new byte[0]);
    if (reply.status() != 409) {
      json(reply.status(), reply.body());
    }
  }

  private static boolean hasEnded(JsonNode batch) {
    return List.of("completed", "failed", "cancelled", "expired")
        .contains(batch.path("status").asString(""));
  }

  private String upload(List<StormAsk> asks) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < asks.size(); i++) {
      ObjectNode line = JSON.createObjectNode().put("custom_id", String.valueOf(i));
      line.put("method", "POST").put("url", "/v1/chat/completions");
      line.set("body", JSON.readTree(asks.get(i).bytes("v1", false)));
      lines.append(line).append('\n');
    }
    String form =
        """
        --storm
        Content-Disposition: form-data; name="purpose"

        batch
        --storm
        Content-Disposition: form-data; name="file"; filename="storm.jsonl"

        %s
        --storm--
        """
            .replace("\n", "\r\n")
            .formatted(lines);
    try (StormWire wire = new StormWire(server, 0)) {
      byte[] body = form.getBytes(StandardCharsets.UTF_8);
      wire.send(wire.request(key, "POST /v1/files", "multipart/form-data; boundary=storm", body));
      return json(wire.head(), wire.rest()).path("id").asString("");
    }
  }

  /** How many lines of a batch's results are as they must be; a wrong one is told. */
  private int right(List<StormAsk> asks, String file) throws IOException {
    if (file.isEmpty()) {
      return 0;
    }
    String lines =
        StormWire.ask(server, key, "GET /v1/files/" + file + "/content", new byte[0]).body();
    int right = 0;
    for (JsonNode line : lines.lines().map(JSON::readTree).toList()) {
      StormAsk ask = asks.get(Integer.parseInt(line.path("custom_id").asString("0")));
      StormReply said = StormReply.whole(ask.door(), line.at("/response/body").toString());
      if (said.text().equals(known.getOrDefault(ask, Map.of()).get("v1"))) {
        right++;
      } else {
        tally.wrong("line of a batch: " + ask + ": " + line);
      }
    }
    return right;
  }

  private JsonNode ask(String line, String body) throws IOException {
    StormWire.Reply reply = StormWire.ask(server, key, line, body.getBytes(StandardCharsets.UTF_8));
    if (reply.status() / 100 != 2) {
      throw new IOException(line + ": " + reply);
    }
    return json(reply.status(), reply.body());
  }

  private static JsonNode json(int status, String body) throws IOException {
    if (status / 100 != 2) {
      throw new IOException(status + ": " + body);
    }
    return body.isBlank() ? JSON.createObjectNode() : JSON.readTree(body);
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException e) {
      tally.wrong(String.valueOf(e.getMessage()));
    }
  }

  /** Whether to go on after some seconds. */
  private static boolean pause(int seconds, BooleanSupplier stopped) {
    return IntStream.range(0, 10 * seconds)
        .noneMatch(
            _ -> {
              LockSupport.parkNanos(SECOND / 10);
              return stopped.getAsBoolean();
            });
  }
}
