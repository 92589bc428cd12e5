package dev.lathe.server.grpc;

import dev.lathe.server.Right;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import java.util.Optional;

/**
 * One method of a gRPC service.
 *
 * @param name {@code package.Service/Method}
 * @param right what its caller must be allowed to do
 * @param modelField the number of the request's field that names a model; 0 if it has none
 * @param body what it does
 */
record Rpc(String name, Right right, int modelField, Body body) {

  /** What a method does with its messages. */
  sealed interface Body {}

  /** One message, one answer. */
  @FunctionalInterface
  non-sealed interface Unary extends Body {
    /** The answer; an exception becomes the call's status. */
    WireWriter answer(RpcCall.Admitted call, Message message);
  }

  /** Many messages, each with one answer, in order, though they are worked on at once. */
  non-sealed interface Each extends Body {
    /**
     * The lane that a message takes: of one lane, one message is worked on at a time, in order.
     * Empty if it needs none.
     */
    Optional<Object> lane(Message message);

    /** The answer; an exception goes to {@link #failed}. */
    WireWriter answer(RpcCall.Admitted call, Message message);

    /** What is said of a message that failed, while the stream goes on. */
    WireWriter failed(Message message, Throwable failure);
  }

  /** One message, and answers as long as the caller stays. */
  @FunctionalInterface
  non-sealed interface Watch extends Body {
    /** Sends answers until the call is cancelled. */
    void run(RpcCall.Admitted call, Message message, Answers answers) throws InterruptedException;
  }

  /** Where answers go. */
  @FunctionalInterface
  interface Answers {
    /** Sends an answer; waits as long as the caller does not read. */
    void send(WireWriter answer);
  }

  /** The model that a message names; empty if it names none. */
  String model(Message message) {
    String model = "";
    if (modelField > 0) {
      WireReader fields = message.reader();
      while (fields.next()) {
        if (fields.field() == modelField) {
          model = fields.text();
        }
      }
    }
    return model;
  }
}
