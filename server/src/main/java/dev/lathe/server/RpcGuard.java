package dev.lathe.server;

import dev.lathe.server.access.Access;
import dev.lathe.server.access.Ask;
import dev.lathe.server.access.Credentials;
import dev.lathe.server.grpc.RpcCall;
import dev.lathe.server.grpc.RpcGate;
import dev.lathe.server.infer.Inference;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;

/** Stands before every method of gRPC: lets through who may do what the method takes. */
final class RpcGuard implements RpcGate {
  private static final HeaderName CALLER = HeaderNames.create("Lathe-Caller");
  private static final int LONGEST_CALLER = 64;

  private final HostCheck hosts;
  private final Access access;

  RpcGuard(HostCheck hosts, Access access) {
    this.hosts = hosts;
    this.access = access;
  }

  @Override
  public String admit(RpcCall call) {
    hosts.requireKnown(call.origin().authority());
    if (call.right() == Right.NONE || !access.required()) {
      if (call.right() != Right.NONE && access.audits()) {
        access.noted(ask(call));
      }
      return named(call);
    }
    Credentials credentials =
        Guard.secret(call.origin().metadata())
            .orElseGet(() -> Guard.certificate(call.origin().peer()));
    return access.admit(credentials, ask(call)).caller().name();
  }

  /** A stream of questions begins with no model; each message that follows names its own. */
  private static Ask ask(RpcCall call) {
    boolean begins = call.right() == Right.INFER && call.model().isEmpty();
    String model = call.model().isEmpty() ? "" : Inference.name(call.model()).toString();
    return new Ask(
        begins ? Right.KNOWN : call.right(), model, call.method(), call.origin().peer().host());
  }

  private static String named(RpcCall call) {
    String name =
        call.origin().metadata().first(CALLER).orElseGet(() -> call.origin().peer().host());
    return name.length() > LONGEST_CALLER ? name.substring(0, LONGEST_CALLER) : name;
  }
}
