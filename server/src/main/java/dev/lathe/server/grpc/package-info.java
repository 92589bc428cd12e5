/**
 * The Open Inference Protocol by gRPC, with Triton's extensions, and {@code grpc.health.v1}: on the
 * same port as HTTP, and on one of its own if configured.
 *
 * <p>Start at {@link dev.lathe.server.grpc.GrpcDoor}, which lists the methods. A call comes in by
 * {@code GrpcSelector}, is a {@code GrpcStream}, passes {@link dev.lathe.server.grpc.RpcGate} and
 * runs an {@code Rpc}. Messages are read where they lie and written field by field; the numbers of
 * their fields are those of the protocol's {@code open_inference_grpc.proto} and of Triton's {@code
 * grpc_service.proto} and {@code model_config.proto}.
 *
 * <p>All frames of a connection, of calls and of other requests, pass {@code ReceivedFrames} and
 * {@code SentFrames}, which tell {@code FrameWatch}: it ends what a client takes too long for.
 *
 * <p>Not here: what a request means ({@code dev.lathe.server.infer}); the same protocol over HTTP
 * ({@code dev.lathe.server.oip}).
 */
@NullMarked
package dev.lathe.server.grpc;

import org.jspecify.annotations.NullMarked;
