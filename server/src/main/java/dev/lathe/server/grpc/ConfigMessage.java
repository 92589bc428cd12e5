package dev.lathe.server.grpc;

import dev.lathe.registry.Datatype;
import dev.lathe.serve.BatchPolicy;
import dev.lathe.serve.Tuned;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.ModelConfig;
import java.time.Duration;

/** {@code ModelConfig}: what is known of it. */
final class ConfigMessage {
  private static final int KIND_CPU = 2;

  private ConfigMessage() {}

  /** A configuration as a message. */
  static WireWriter of(ModelConfig config) {
    WireWriter message =
        new WireWriter()
            .text(1, config.name())
            .text(2, ModelConfig.PLATFORM)
            .number(4, config.maxBatchSize())
            .text(17, ModelConfig.BACKEND);
    for (ModelConfig.Port port : config.inputs()) {
      message.message(
          5,
          input ->
              input
                  .text(1, port.name())
                  .number(2, dataType(port.dataType()))
                  .number(3, format(port.format()))
                  .packed(4, sizes(port)));
    }
    for (ModelConfig.Port port : config.outputs()) {
      message.message(
          6,
          output ->
              output
                  .text(1, port.name())
                  .number(2, dataType(port.dataType()))
                  .packed(3, sizes(port)));
    }
    BatchPolicy policy = config.policy();
    message
        .text(8, "model.onnx")
        .message(
            3,
            choice ->
                choice.message(
                    3,
                    specific -> specific.packed(1, Long.parseLong(config.version().substring(1)))))
        .message(
            7,
            group ->
                group
                    .text(1, config.name())
                    .number(
                        2,
                        policy.instances() instanceof Tuned.Fixed<Integer>(Integer count)
                            ? count
                            : 1)
                    .number(4, KIND_CPU));
    if (config.maxBatchSize() > 0) {
      message.message(11, batching(policy));
    }
    config
        .parameters()
        .forEach(
            (key, text) ->
                message.message(
                    14, entry -> entry.text(1, key).message(2, value -> value.text(1, text))));
    return message;
  }

  private static WireWriter batching(BatchPolicy policy) {
    WireWriter batching = new WireWriter();
    if (policy.maxDelay() instanceof Tuned.Fixed<Duration>(Duration delay)) {
      batching.number(2, delay.toNanos() / 1000);
    }
    return batching
        .number(4, policy.priorities().levels())
        .number(5, policy.priorities().usual())
        .message(
            6,
            queue ->
                queue
                    .number(2, policy.timeout().toNanos() / 1000)
                    .number(3, 1)
                    .number(4, policy.queueCapacity()));
  }

  private static long[] sizes(ModelConfig.Port port) {
    return port.dims().stream().mapToLong(Long::longValue).toArray();
  }

  private static int format(String name) {
    return switch (name) {
      case "FORMAT_NHWC" -> 1;
      case "FORMAT_NCHW" -> 2;
      default -> 0;
    };
  }

  /** The number of a data type; 0 where the extension has none. */
  static int dataType(String name) {
    if (name.equals("TYPE_STRING")) {
      return 13;
    }
    for (Datatype type : Datatype.values()) {
      if (name.equals("TYPE_" + type)) {
        return switch (type) {
          case BOOL -> 1;
          case UINT8 -> 2;
          case UINT16 -> 3;
          case UINT32 -> 4;
          case UINT64 -> 5;
          case INT8 -> 6;
          case INT16 -> 7;
          case INT32 -> 8;
          case INT64 -> 9;
          case FP16 -> 10;
          case FP32 -> 11;
          case FP64 -> 12;
          case BYTES -> 13;
          case BF16 -> 14;
        };
      }
    }
    return 0;
  }
}
