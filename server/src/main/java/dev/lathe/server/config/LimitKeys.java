package dev.lathe.server.config;

import dev.lathe.server.config.Form.AutoOr;
import dev.lathe.server.config.Form.Key;
import dev.lathe.server.config.Form.Size;
import dev.lathe.server.config.Form.Span;
import dev.lathe.server.config.Form.Whole;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The keys of section {@code limits}. */
final class LimitKeys {
  private static final Duration NONE = Duration.ZERO;
  private static final Span MOMENT = new Span(Duration.ofMillis(100), Duration.ofHours(1));

  private LimitKeys() {}

  static List<Key> all() {
    return Stream.of(requests(), clients(), crowds(), models()).flatMap(List::stream).toList();
  }

  /** What one request may take. */
  private static List<Key> requests() {
    return List.of(
        new Key(
            "max_body", new Size(1024, 1L << 40), "64MiB", "The largest body, also once inflated."),
        new Key(
            "queue_capacity",
            new Whole(1, 1_000_000),
            "256",
            "Requests that may wait for one model."),
        new Key("max_batch_rows", new Whole(1, 65_536), "64", "Rows that are joined into one run."),
        new Key(
            "max_delay",
            new AutoOr(new Span(NONE, Duration.ofSeconds(1))),
            "auto",
            "How long a batch may wait for more rows; auto waits only under load."),
        new Key(
            "timeout",
            new Span(Duration.ofMillis(1), Duration.ofHours(1)),
            "30s",
            "How long a request may wait where it names no deadline."));
  }

  /** How long a client may take. */
  private static List<Key> clients() {
    return List.of(
        new Key(
            "max_headers",
            new Size(1024, 1 << 20),
            "16KiB",
            "How large a request's headers may be together."),
        new Key(
            "header_timeout",
            MOMENT,
            "10s",
            "How long a client may take for a handshake, and for a request's headers."),
        new Key("body_timeout", MOMENT, "30s", "How long until the next part of a body is there."),
        new Key(
            "idle_timeout",
            MOMENT,
            "1m",
            "How long a connection waits for its next request, or, with HTTP/2, for any frame, such"
                + " as a keepalive ping."),
        new Key(
            "write_timeout",
            MOMENT,
            "30s",
            "How long until a client takes the next 64 KiB of an answer that is there."),
        new Key(
            "stream_timeout",
            new Span(Duration.ofMillis(100), Duration.ofDays(30)),
            "1h",
            "How long a gRPC stream of many questions waits for the next, or for a keepalive"
                + " ping."),
        new Key(
            "min_rate",
            new Size(0, 1L << 30),
            "1KiB",
            "Bytes a second that a body, and an answer that is there, must come to on the whole; 0"
                + " for any number. Only time spent waiting for the client counts."),
        new Key("rate_grace", MOMENT, "10s", "How long they may be slower first."));
  }

  /** What many clients may take together. */
  private static List<Key> crowds() {
    return List.of(
        new Key("max_connections", new Whole(1, 1_000_000), "1024", "Open connections."),
        new Key(
            "max_connections_per_address",
            new Whole(0, 1_000_000),
            "0",
            "Open connections from one address (of IPv6, from one network of 64 bits); 0 for three"
                + " quarters of max_connections, so that nobody takes all, and any number from this"
                + " machine, where a proxy may run."),
        new Key(
            "max_bodies",
            new Size(0, 1L << 50),
            "0",
            "All bodies of requests in memory together; beyond it the answer is 429, or"
                + " RESOURCE_EXHAUSTED, with a time to try again. 0 for eight of max_body, but at"
                + " most half of the Java heap and at least two of max_body."));
  }

  /** What models may take. */
  private static List<Key> models() {
    return List.of(
        new Key(
            "memory",
            new Size(0, 1L << 50),
            "0",
            "What all models together may take of the memory; 0 for half of what the machine, or"
                + " the container, has. What no request holds is let go for others, the one used"
                + " least recently first."),
        new Key(
            "version_cache",
            new Whole(0, 10_000),
            "4",
            "Versions kept loaded that no environment follows."),
        new Key(
            "adapters",
            new Whole(0, 1024),
            "8",
            "Adapters (LoRA) in memory beside each text model; the one used least recently makes"
                + " room for others."));
  }
}
