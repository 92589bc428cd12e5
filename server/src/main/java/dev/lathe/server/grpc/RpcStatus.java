package dev.lathe.server.grpc;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.ErrorMapping;
import java.time.Duration;

/**
 * How a call ended.
 *
 * @param code gRPC's number of the status; 0 is success
 * @param message what the caller reads; empty on success
 * @param retryAfter when to try again; zero where nothing is known about it
 * @see <a href="https://grpc.io/docs/guides/status-codes/">Status codes</a>
 */
record RpcStatus(int code, String message, Duration retryAfter) {
  /** The call succeeded. */
  static final RpcStatus OK = new RpcStatus(0, "", Duration.ZERO);

  /** The status of a failure; what is our own defect is logged with an id, the message has that. */
  static RpcStatus of(Throwable failure) {
    ErrorMapping.Answer answer = ErrorMapping.grpc(failure);
    Duration retryAfter =
        failure instanceof LatheException known ? known.retryAfter() : Duration.ZERO;
    return new RpcStatus(answer.status(), answer.message(), retryAfter);
  }

  /** A failure of a kind that no exception tells of. */
  static RpcStatus of(ErrorKind kind, String message) {
    return new RpcStatus(ErrorMapping.grpcCode(kind), message, Duration.ZERO);
  }
}
