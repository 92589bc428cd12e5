package dev.lathe.server.grpc;

/**
 * The one place that every call passes before it runs, of every service: unary calls once, with the
 * model that their message names; streams once when they begin, with no model, and again with each
 * message. What it refuses by throwing becomes the status of the call, or the error message of that
 * message in a stream that goes on. Access control is done here and nowhere else: there is no way
 * to state a method without the {@link dev.lathe.server.Right} that it takes.
 */
@FunctionalInterface
public interface RpcGate {
  /**
   * Lets a call in, or not.
   *
   * @param call method, right, model, metadata, the other end
   * @return who the caller is, for fairness between callers; never empty
   * @throws dev.lathe.ir.LatheException DENIED or EXHAUSTED if the call may not run
   */
  String admit(RpcCall call);
}
