package dev.lathe.server.openai;

import dev.lathe.server.access.Caller;
import io.helidon.webserver.http.ServerRequest;

/**
 * Who asks a verb, and where it is answered.
 *
 * @param tenant whose turn it is
 * @param environment the environment that the request names beside its model; may be empty
 */
record Asking(String tenant, String environment) {
  /** As an HTTP request says it: the caller that is known, or where the request comes from. */
  static Asking of(ServerRequest request) {
    String known = Caller.current().name();
    String tenant = known.isEmpty() ? request.remotePeer().host() : known;
    String environment =
        request.query().isEmpty() ? "" : request.query().first("environment").orElse("");
    return new Asking(tenant, environment);
  }

  /** As a batch does for its owner. */
  static Asking inBackground() {
    return new Asking("batch:" + Caller.current().name(), "");
  }
}
