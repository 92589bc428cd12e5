package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.Tool;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Inference;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether the server lives and is ready, in the protocol's words and in those of gRPC's health. */
final class ServerRpcs {
  private static final String HEALTH = "grpc.health.v1.Health/";
  private static final int SERVING = 1;
  private static final int NOT_SERVING = 2;
  private static final int SERVICE_UNKNOWN = 3;
  private static final long LOOK_MILLIS = 250;
  private static final List<String> SERVICES =
      List.of("", "inference.GRPCInferenceService", "grpc.health.v1.Health");

  private final Inference inference;
  private final List<String> extensions;
  private final String serverName;

  /**
   * Tells of a server.
   *
   * @param inference whether it is ready
   * @param extensions names of what it does beyond the protocol
   * @param serverName what clients are told that it is
   */
  ServerRpcs(Inference inference, List<String> extensions, String serverName) {
    this.serverName = serverName;
    this.inference = inference;
    this.extensions = extensions;
  }

  /** All of them. */
  List<Rpc> all() {
    return List.of(
        GrpcDoor.unary(
            "ServerLive", Right.NONE, 0, (call, message) -> new WireWriter().number(1, 1)),
        GrpcDoor.unary(
            "ServerReady",
            Right.NONE,
            0,
            (call, message) -> new WireWriter().number(1, inference.ready() ? 1 : 0)),
        GrpcDoor.unary("ServerMetadata", Right.KNOWN, 0, (call, message) -> metadata()),
        new Rpc(HEALTH + "Check", Right.NONE, 0, (Rpc.Unary) this::check),
        new Rpc(HEALTH + "Watch", Right.NONE, 0, (Rpc.Watch) this::watch));
  }

  private WireWriter metadata() {
    WireWriter message = new WireWriter().text(1, serverName).text(2, Tool.VERSION);
    extensions.forEach(name -> message.textOf(3, name));
    return message;
  }

  private WireWriter check(RpcCall.Admitted call, Message message) {
    String service = service(message);
    int status = status(service);
    if (status == SERVICE_UNKNOWN) {
      throw new LatheException(
          ServerError.NOT_FOUND, "service \"" + service + "\" (expected: one of " + SERVICES + ")");
    }
    return new WireWriter().number(1, status);
  }

  /** The status now, and each time that it changes, as long as the caller stays. */
  private void watch(RpcCall.Admitted call, Message message, Rpc.Answers answers)
      throws InterruptedException {
    String service = service(message);
    CountDownLatch gone = new CountDownLatch(1);
    call.call().timing().cancellation().whenCancelled(gone::countDown);
    int before = -1;
    do {
      int now = status(service);
      if (now != before) {
        answers.send(new WireWriter().number(1, now));
        before = now;
      }
    } while (!gone.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
    if (before == SERVING) {
      answers.send(new WireWriter().number(1, NOT_SERVING));
    }
  }

  private int status(String service) {
    if (!SERVICES.contains(service)) {
      return SERVICE_UNKNOWN;
    }
    return inference.ready() ? SERVING : NOT_SERVING;
  }

  private static String service(Message message) {
    String service = "";
    WireReader fields = message.reader();
    while (fields.next()) {
      if (fields.field() == 1) {
        service = fields.text();
      }
    }
    return service;
  }
}
