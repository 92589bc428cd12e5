package dev.lathe.server.grpc;

import dev.lathe.server.BodyBudget;
import dev.lathe.server.Endings;
import dev.lathe.server.Metrics;
import dev.lathe.server.Right;
import dev.lathe.server.Rounds;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Repository;
import dev.lathe.server.observe.Observatory;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The gRPC services of a server. It has no routes: it takes connections of HTTP/2, and of their
 * requests those that are gRPC calls.
 */
public final class GrpcDoor implements AutoCloseable {
  /** The service of the Open Inference Protocol, before a method's name. */
  static final String SERVICE = "inference.GRPCInferenceService/";

  /** What is done beyond the protocol's core. */
  private static final List<String> EXTENSIONS =
      List.of(
          "classification",
          "sequence",
          "schedule_policy",
          "parameters",
          "model_configuration",
          "model_repository",
          "statistics",
          "trace",
          "logging");

  /** The largest frame that is taken, in bytes. */
  static final int LARGEST_FRAME = 1 << 16;

  private static final int WINDOW = 1 << 20;

  private static final int STREAMS = 1024;
  private static final int RESETS = 10_000;

  private final GrpcCalls calls;

  /**
   * What the services tell of and act on.
   *
   * @param inference what answers
   * @param repository which models there are
   * @param metrics counts requests
   * @param observatory looks at requests, and has what is traced and logged
   * @param serverName what clients are told that this server is
   */
  public record Parts(
      Inference inference,
      Repository repository,
      Metrics metrics,
      Observatory observatory,
      String serverName) {}

  /**
   * Services over a server's parts.
   *
   * @param parts what they act on
   * @param gate what every call passes
   * @param budget how large a message may be, before and after it is inflated, and what messages of
   *     all calls may take together
   */
  public GrpcDoor(Parts parts, RpcGate gate, BodyBudget budget) {
    this.calls = new GrpcCalls(methods(parts, gate), gate, new Sight(parts.observatory()), budget);
  }

  private static List<Rpc> methods(Parts parts, RpcGate gate) {
    List<Rpc> methods = new ArrayList<>();
    methods.addAll(new ServerRpcs(parts.inference(), EXTENSIONS, parts.serverName()).all());
    methods.addAll(new ModelRpcs(parts.inference()).all());
    methods.addAll(new InferRpcs(parts.inference(), parts.metrics()).all());
    methods.add(new StatisticsRpc(parts.inference()).rpc());
    methods.addAll(
        new SettingsRpcs(parts.observatory().traceSettings(), parts.observatory().logSettings())
            .all());
    methods.addAll(new RepositoryRpcs(parts.repository(), gate).all());
    methods.addAll(SharedMemoryRpcs.all());
    return methods;
  }

  /** A method with one message and one answer. */
  static Rpc unary(String method, Right right, int modelField, Rpc.Unary body) {
    return new Rpc(SERVICE + method, right, modelField, body);
  }

  /**
   * All methods, so that a test can prove that none answers without its right.
   *
   * @return rights by {@code package.Service/Method}
   */
  public Map<String, Right> methods() {
    Map<String, Right> rights = new TreeMap<>();
    calls.methods().forEach(rpc -> rights.put(rpc.name(), rpc.right()));
    return rights;
  }

  /**
   * Connections of HTTP/2, for a port that serves HTTP as well or for one of their own.
   *
   * @param rounds has each connection looked at
   * @param endings counts what is ended
   * @return what recognizes them
   */
  public ServerConnectionSelector connections(Rounds rounds, Endings endings) {
    return new GrpcConnections(http2(rounds.patience().sending().write()), calls, rounds, endings);
  }

  /**
   * The limits of HTTP/2, which hold for HTTP's routes, too.
   *
   * @param write how long an answer waits for a client that takes nothing
   * @return 1 MiB on the way on a connection, 64 KiB frames, 1024 requests at once
   */
  public static Http2Config http2(Duration write) {
    return Http2Config.builder()
        .initialWindowSize(WINDOW)
        .maxFrameSize(LARGEST_FRAME)
        .maxConcurrentStreams(STREAMS)
        // A caller that gives up many requests at once, as after a timeout, is no attacker.
        .maxRapidResets(RESETS)
        // A little later than the stream is reset for it.
        .flowControlTimeout(write.plusSeconds(1))
        .build();
  }

  /**
   * Calls under way.
   *
   * @return how many
   */
  public int underway() {
    return calls.count();
  }

  /** Ends the calls that would stay as long as their callers; lets the others finish. */
  @Override
  public void close() {
    calls.close();
  }
}
