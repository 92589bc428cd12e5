package dev.lathe.server.observe;

import dev.lathe.serve.ModelVersion;
import dev.lathe.server.OperationConfig;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * One line for each request that was answered: JSON, or the Common Log Format with the request's
 * id, model, version and times behind it. Lines are written by a thread of their own; those that
 * come too fast are dropped and counted.
 */
public final class AccessLog implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final DateTimeFormatter COMMON =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final LineFile file;
  private final boolean common;

  /**
   * How a request came and went.
   *
   * @param method the HTTP method, or {@code POST} for gRPC
   * @param path the path, without the query
   * @param route the path's pattern; empty if no route took it
   * @param protocol {@code HTTP/1.1}, or {@code grpc}
   * @param remote the other end's address
   * @param status the HTTP status, or gRPC's
   * @param bytes bytes of the answer, with its head
   */
  public record Passage(
      String method,
      String path,
      String route,
      String protocol,
      String remote,
      int status,
      long bytes) {
    /** Whether the server is to blame. */
    boolean isFailure() {
      return protocol.startsWith("HTTP") ? status >= 500 : status != 0;
    }
  }

  /**
   * A log in a file.
   *
   * @param config where, and in which form
   */
  public AccessLog(OperationConfig.AccessLog config) {
    this.file =
        new LineFile(
            config.file().orElseThrow(), new LineFile.Size(config.maxBytes(), config.old()));
    this.common = config.common();
  }

  /**
   * A request was answered just now.
   *
   * @param seen the request
   * @param passage how it came and went
   */
  public void append(Observed seen, Passage passage) {
    Instant now = Instant.now();
    long nanos = System.nanoTime() - seen.start();
    file.append(() -> common ? common(seen, passage, now) : json(seen, passage, now, nanos));
  }

  private static String json(Observed seen, Passage passage, Instant end, long nanos) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", end.toString());
    line.put("request_id", seen.id());
    if (!seen.traceId().isEmpty()) {
      line.put("trace_id", seen.traceId());
    }
    line.put("remote", passage.remote);
    line.put("caller", seen.caller());
    line.put("method", passage.method);
    line.put("path", passage.path);
    line.put("protocol", passage.protocol);
    line.put("status", passage.status);
    line.put("bytes", passage.bytes);
    line.put("duration_ms", nanos / 1e6);
    ModelVersion model = seen.model();
    if (model != null) {
      line.put("model", model.model().toString());
      line.put("version", model.version());
      line.put("queue_ms", seen.queueNanos() / 1e6);
      line.put("compute_ms", seen.computeNanos() / 1e6);
    }
    return JSON.writeValueAsString(line);
  }

  private static String common(Observed seen, Passage passage, Instant end) {
    ModelVersion model = seen.model();
    return String.format(
        Locale.ROOT,
        "%s - %s [%s] \"%s %s %s\" %d %d \"%s\" %s %s %.3f %.3f",
        dash(passage.remote),
        dash(seen.caller()),
        COMMON.format(end),
        safe(passage.method),
        safe(passage.path),
        passage.protocol,
        passage.status,
        passage.bytes,
        seen.id(),
        model == null ? "-" : model.model(),
        model == null ? "-" : model.version(),
        seen.queueNanos() / 1e6,
        seen.computeNanos() / 1e6);
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : safe(text).replace(' ', '_');
  }

  /** What could end a field or a line is replaced, so that nobody can write lines of their own. */
  private static String safe(String text) {
    return text.replaceAll("[\\p{Cntrl}\"\\\\]", "?");
  }

  /**
   * Lines that nobody will read.
   *
   * @return how many were dropped
   */
  public long dropped() {
    return file.dropped();
  }

  /** Writes what waits. */
  @Override
  public void close() {
    file.close();
  }
}
