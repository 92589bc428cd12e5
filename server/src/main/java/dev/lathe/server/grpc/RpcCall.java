package dev.lathe.server.grpc;

import dev.lathe.serve.Cancellation;
import dev.lathe.server.Right;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.Headers;

/**
 * A call, or one message of a stream, as it asks to be let in.
 *
 * @param method {@code package.Service/Method}
 * @param right what its caller must be allowed to do
 * @param model the model that it is about, as it was written; empty if it is about none, or about
 *     all
 * @param origin whom it comes from
 * @param timing until when, and who ends it sooner
 */
public record RpcCall(String method, Right right, String model, Origin origin, Timing timing) {

  /**
   * Whom a call comes from.
   *
   * @param authority the host that the call was made for; empty if it was not said
   * @param metadata the call's metadata, such as {@code authorization}
   * @param peer the other end of the connection, with its certificates
   * @param id what the call is named by in logs
   */
  public record Origin(String authority, Headers metadata, PeerInfo peer, RequestId id) {}

  /**
   * How long a call lasts at most.
   *
   * @param deadlineNanos the moment of {@link System#nanoTime} when nobody waits any more
   * @param bounded whether there is such a moment
   * @param cancellation cancelled when the caller is gone
   */
  public record Timing(long deadlineNanos, boolean bounded, Cancellation cancellation) {
    /** Whether the deadline has passed. */
    boolean isOver(long nowNanos) {
      return bounded && nowNanos - deadlineNanos >= 0;
    }
  }

  /**
   * A call that may run.
   *
   * @param call the call
   * @param caller who the caller is, for fairness
   */
  record Admitted(RpcCall call, String caller) {}

  /** The same call, about a model. */
  RpcCall about(String name) {
    return new RpcCall(method, right, name, origin, timing);
  }
}
