package dev.lathe.server.config;

import dev.lathe.server.config.Form.Choice;
import dev.lathe.server.config.Form.Fields;
import dev.lathe.server.config.Form.File;
import dev.lathe.server.config.Form.Flag;
import dev.lathe.server.config.Form.Key;
import dev.lathe.server.config.Form.Many;
import dev.lathe.server.config.Form.Real;
import dev.lathe.server.config.Form.Size;
import dev.lathe.server.config.Form.Span;
import dev.lathe.server.config.Form.Text;
import dev.lathe.server.config.Form.Whole;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a server's configuration may hold: the one table behind the reader, the variables {@code
 * LATHE_<SECTION>_<KEY>} and the reference page. Each section has a record that is made from it.
 */
final class ServerForm {
  private static final Text HOST =
      new Text(Pattern.compile("[A-Za-z0-9.:\\[\\]_%-]{1,255}"), "a host's name or address");
  private static final Text ENVIRONMENT =
      new Text(Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}"), "an environment's name");
  private static final Text NAME =
      new Text(Pattern.compile("[^\\x00\\n\\r]{1,1000}"), "1 to 1000 characters");
  private static final Duration NONE = Duration.ZERO;

  static final Fields SERVER =
      new Fields(
          List.of(
              section("listen", listen(), "Where the server listens."),
              section("serving", serving(), "What the server answers with."),
              section("health", health(), "How it is found out whether models answer."),
              section("shutdown", shutdown(), "How the server stops."),
              section("access_log", accessLog(), "Where it is noted who asked what."),
              section("telemetry", telemetry(), "Where traces of requests go."),
              section("limits", LimitKeys.all(), "What requests may take."),
              section("text", text(), "How text models are held in memory."),
              section("openai", openAi(), "What the OpenAI API keeps for callers."),
              section("access", access(), "Who is let in, and what they may do."),
              section("tls", tls(), "How the way to the server is protected.")));

  private ServerForm() {}

  private static List<Key> listen() {
    return List.of(
        new Key("host", HOST, "127.0.0.1", "The address to listen on."),
        new Key(
            "port", new Whole(0, 65_535), "8080", "The port of all doors; 0 takes any free one."),
        new Key(
            "grpc_port",
            new Whole(0, 65_535),
            "",
            "A port for gRPC alone, beside the one that serves it as well; none if empty."),
        new Key(
            "names",
            new Many(HOST, 100),
            "",
            "What callers may call this machine beside localhost; any name where access.required"
                + " is true and none is listed."),
        new Key(
            "server_name",
            new Text(Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}"), "a server's name"),
            "lathe",
            "What the Open Inference Protocol says that this server is; some clients of Triton"
                + " Inference Server insist on triton."));
  }

  private static List<Key> serving() {
    return List.of(
        new Key(
            "environment",
            ENVIRONMENT,
            "prod",
            "The environment that answers where a request names none."));
  }

  private static List<Key> health() {
    return List.of(
        new Key(
            "interval",
            new Span(NONE, Duration.ofHours(1)),
            "10s",
            "How often a model that nobody asked meanwhile is run on zeros; 0 for never."),
        new Key(
            "timeout",
            new Span(Duration.ofMillis(1), Duration.ofMinutes(10)),
            "10s",
            "How long that run may take."),
        new Key(
            "server_ready",
            new Choice(List.of("all_models", "server")),
            "all_models",
            "Whether the server is ready only if all live models answer."));
  }

  private static List<Key> shutdown() {
    return List.of(
        new Key(
            "delay",
            new Span(NONE, Duration.ofMinutes(10)),
            "0",
            "How long the server still answers after it said that it is not ready; longer than"
                + " load balancers take to notice."),
        new Key(
            "grace",
            new Span(NONE, Duration.ofHours(1)),
            "10s",
            "How long requests in flight may take from then on."));
  }

  private static List<Key> accessLog() {
    return List.of(
        new Key("file", new File(), "", "A line for each request that was answered goes here."),
        new Key(
            "format",
            new Choice(List.of("json", "common")),
            "json",
            "JSON lines, or the Common Log Format with id, model, version, and milliseconds in"
                + " queue and computation behind it."),
        new Key(
            "max_size", new Size(1024, 1L << 40), "64MiB", "The size at which a file is begun."),
        new Key("old", new Whole(0, 1000), "4", "How many full files are kept, FILE.1 and on."));
  }

  private static List<Key> telemetry() {
    return List.of(
        new Key(
            "endpoint",
            new Text(Pattern.compile("\\S{1,1000}"), "an http or https address"),
            "",
            "The OpenTelemetry collector's address, for OTLP over HTTP; nowhere if absent and"
                + " OTEL_EXPORTER_OTLP_ENDPOINT is too."),
        new Key(
            "sample_ratio",
            new Real(0, 1),
            "1",
            "How many of the traces that begin here are kept; of one that began elsewhere it was"
                + " decided there."),
        new Key(
            "headers",
            new Many(
                new Text(
                    Pattern.compile("[A-Za-z0-9-]{1,100}\\s*=[^\\r\\n]{0,4000}"), "NAME=VALUE"),
                32),
            "",
            "Headers sent along, such as Authorization=Bearer TOKEN."));
  }

  private static List<Key> text() {
    return List.of(
        new Key(
            "weights",
            new Choice(List.of("auto", "FLOAT32", "W8A8", "INT8", "INT4_BLOCK32", "INT4_BLOCK128")),
            "FLOAT32",
            "The form of their weights; auto tries those of 8 and 4 bits on this machine and takes"
                + " the quickest."),
        new Key(
            "slots",
            new Whole(1, 1024),
            "",
            "Answers that each makes at once; as many as its cache holds, up to 16, if absent."),
        new Key(
            "context",
            new Whole(2, 1 << 22),
            "",
            "Tokens of prompt and answer together, where the model goes so far; what the cache"
                + " holds, up to 8192, if absent."),
        new Key(
            "cache",
            new Size(1 << 20, 1L << 40),
            "",
            "What the cache of keys and values of each may take of the memory, in whole MiB; an"
                + " eighth of limits.memory, up to 1GiB, if absent."));
  }

  private static List<Key> openAi() {
    return List.of(
        section("files", files(), "Files that callers upload, and results for them."),
        section("batches", batches(), "Files of requests that are answered in the background."),
        section("responses", responses(), "Responses that callers may come back to."),
        section("moderation", moderation(), "How texts are found harmful."));
  }

  private static List<Key> responses() {
    return List.of(
        new Key(
            "max_count",
            new Whole(0, 100_000),
            "1000",
            "How many of one caller are kept, the newest; 0 keeps none."),
        new Key(
            "max_total",
            new Size(1024, 1L << 50),
            "1GiB",
            "How large those of one caller may be together; the oldest make room."),
        new Key(
            "max_age",
            new Span(Duration.ofMinutes(1), Duration.ofDays(3650)),
            "720h",
            "How long they are kept."));
  }

  private static List<Key> moderation() {
    return List.of(
        new Key(
            "model",
            NAME,
            "",
            "The classifier of texts that is asked where a request names none, as org/name."),
        new Key(
            "threshold",
            new Real(0, 1),
            "0.5",
            "A text is flagged for a label with a score above this."),
        new Key(
            "harmless",
            new Many(NAME, 100),
            "neutral,safe,ok,normal,clean,benign,none,other,harmless,acceptable,non-toxic,not-toxic,"
                + "non-hate,not-hate,nothate,non-offensive,not-offensive,no-violence,LABEL_0",
            "Labels for which no text is flagged; case, spaces, _ and - do not count."));
  }

  private static List<Key> batches() {
    return List.of(
        new Key(
            "concurrency",
            new Whole(1, 1024),
            "4",
            "How many lines of all batches are answered at once."),
        new Key("max_lines", new Whole(1, 1_000_000), "50000", "How many lines a batch may have."),
        new Key(
            "max_open",
            new Whole(1, 1000),
            "16",
            "How many batches of one caller may go on at a time."),
        new Key(
            "max_count",
            new Whole(1, 100_000),
            "1000",
            "How many batches of one caller are remembered; the oldest that have ended go."));
  }

  private static List<Key> files() {
    return List.of(
        new Key(
            "max_size",
            new Size(1024, 1L << 40),
            "512MiB",
            "The largest file; limits.max_body does not hold for files."),
        new Key("max_count", new Whole(1, 100_000), "1000", "How many files a caller may have."),
        new Key(
            "max_total",
            new Size(1024, 1L << 50),
            "8GiB",
            "How large a caller's files may be together."));
  }

  private static List<Key> access() {
    return List.of(
        new Key(
            "required",
            new Flag(),
            "false",
            "Whether callers must say who they are; only then may others than this machine ask."),
        new Key(
            "audit",
            new Choice(List.of("off", "changes", "all")),
            "changes",
            "What the audit log tells: what is denied and what changes something, or all."),
        new Key(
            "audit_file",
            new File(),
            "",
            "Where it is; DATA/access/audit.log if absent, and then only where access is"
                + " required."),
        new Key(
            "audit_max_size", new Size(1024, 1L << 40), "16MiB", "The size at which one is begun."),
        new Key(
            "audit_old", new Whole(0, 1000), "7", "How many full ones are kept, FILE.1 and on."),
        new Key(
            "certificates",
            new Many(new Fields(List.of(subject(), allow(), quota())), 1000),
            "",
            "What the holders of client certificates may do."),
        new Key(
            "issuers",
            new Many(new Fields(issuer()), 20),
            "",
            "Whose tokens (OpenID Connect, JSON Web Tokens) are taken."));
  }

  private static List<Key> issuer() {
    return List.of(
        new Key("issuer", NAME, "", "The issuer's address, as iss says it."),
        new Key("keys", NAME, "", "Where its keys are, if not by OpenID's discovery."),
        new Key("audience", NAME, "", "What aud must hold."),
        new Key(
            "claim", NAME, "scope", "The claim that says what a caller is, dots for inner ones."),
        new Key(
            "grants",
            new Many(
                new Fields(
                    List.of(
                        new Key("value", NAME, "", "A value of the claim; * for every token."),
                        allow(),
                        quota())),
                100),
            "",
            "What the claim's values allow."));
  }

  private static List<Key> tls() {
    return List.of(
        new Key(
            "certificate",
            new File(),
            "",
            "PEM file of the server's certificate and those above it; read anew when it changes."),
        new Key("key", new File(), "", "PEM file of its private key, in PKCS #8."),
        new Key(
            "client_authority",
            new File(),
            "",
            "PEM file of the authorities of clients' certificates."),
        new Key(
            "clients",
            new Choice(List.of("none", "optional", "required")),
            "none",
            "Whether clients show a certificate; access.certificates says what they may do."),
        new Key(
            "waived",
            new Flag(),
            "false",
            "Whether a server without TLS may listen on other than a loopback address."));
  }

  private static Key subject() {
    return new Key("subject", NAME, "", "The certificate's distinguished name, by RFC 2253.");
  }

  private static Key allow() {
    return new Key("allow", new Many(NAME, 64), "", "Scopes, such as infer:demo/*.");
  }

  /** What each caller may use: a certificate's subject, or an issuer's. */
  private static Key quota() {
    return section(
        "quota",
        List.of(
            new Key("requests_per_minute", new Whole(0, 1L << 40), "0", "Requests; 0 for any."),
            new Key(
                "compute_per_minute",
                new Span(NONE, Duration.ofDays(1)),
                "0",
                "Time that models work for it in a minute; 0 for any."),
            new Key(
                "compute_per_day",
                new Span(NONE, Duration.ofDays(3650)),
                "0",
                "The same in a day of UTC.")),
        "What each such caller may use; of several grants, the first that has one counts.");
  }

  private static Key section(String name, List<Key> keys, String about) {
    return new Key(name, new Fields(keys), "", about);
  }
}
