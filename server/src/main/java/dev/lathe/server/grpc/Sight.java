package dev.lathe.server.grpc;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.observe.AccessLog;
import dev.lathe.server.observe.Arrival;
import dev.lathe.server.observe.Observatory;
import dev.lathe.server.observe.Observed;
import io.helidon.http.HeaderNames;
import java.util.function.Supplier;

/**
 * Has each message of a call looked at as a request of HTTP is: it has an id, which the answer's
 * metadata say, a span of its own, and a line in the access log.
 *
 * @param observatory looks on
 */
record Sight(Observatory observatory) {
  /** Answers a message; its answer is about to be sent when this returns. */
  WireWriter during(RpcCall call, RequestId id, Supplier<WireWriter> work) {
    Observed seen =
        observatory.begin(
            new Arrival(
                call.method(),
                name ->
                    name.equals(RequestId.NAME.lowerCase())
                        ? id.text()
                        : call.origin().metadata().first(HeaderNames.create(name)).orElse("")));
    int status = ErrorMapping.grpcCode(ErrorKind.INTERNAL);
    long bytes = 0;
    try {
      WireWriter answer = seen.during(work);
      status = RpcStatus.OK.code();
      bytes = answer.size();
      return answer;
    } catch (LatheException e) {
      status = ErrorMapping.grpcCode(e.kind());
      throw e;
    } finally {
      if (observatory.isLogged()) {
        observatory.end(seen, passage(call, status, bytes));
      }
    }
  }

  private static AccessLog.Passage passage(RpcCall call, int status, long bytes) {
    return new AccessLog.Passage(
        "POST",
        "/" + call.method(),
        call.method(),
        "grpc",
        call.origin().peer().host(),
        status,
        bytes);
  }
}
