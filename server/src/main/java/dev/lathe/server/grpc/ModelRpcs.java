package dev.lathe.server.grpc;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Glance;
import dev.lathe.serve.Lease;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.Right;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.ModelConfig;
import java.util.List;

/** What a model is: whether it is ready, its signature, its configuration. */
final class ModelRpcs {
  private static final String PLATFORM = "onnx_onnxv1";

  private final Inference inference;

  /**
   * Tells of models.
   *
   * @param inference finds them
   */
  ModelRpcs(Inference inference) {
    this.inference = inference;
  }

  /** All of them. */
  List<Rpc> all() {
    return List.of(
        GrpcDoor.unary("ModelReady", Right.READ, 1, this::ready),
        GrpcDoor.unary("ModelMetadata", Right.READ, 1, this::metadata),
        GrpcDoor.unary("ModelConfig", Right.READ, 1, this::config));
  }

  /** A model that there is not, or that cannot be loaded, is not ready; that is no error. */
  private WireWriter ready(RpcCall.Admitted call, Message message) {
    try {
      InferRpcs.Named named = InferRpcs.Named.read(message.reader());
      ModelVersion model = inference.look(Inference.name(named.model()), named.version(), "");
      return new WireWriter().number(1, inference.health().problem(model).isEmpty() ? 1 : 0);
    } catch (LatheException e) {
      if (e.kind() == ErrorKind.INTERNAL || e.kind() == ErrorKind.INVALID) {
        throw e;
      }
      return new WireWriter();
    }
  }

  private WireWriter metadata(RpcCall.Admitted call, Message message) {
    InferRpcs.Named named = InferRpcs.Named.read(message.reader());
    Glance model = inference.describe(Inference.name(named.model()), named.version(), "");
    Glance.Signature signature = model.signature().orElseThrow();
    ModelName name = model.id().model();
    WireWriter fields = new WireWriter().text(1, Inference.shown(name));
    inference.versions(name).forEach(version -> fields.textOf(2, version));
    fields.text(3, PLATFORM);
    signature.inputs().forEach(input -> fields.message(4, tensor(input)));
    signature.outputs().forEach(output -> fields.message(5, tensor(output)));
    return fields;
  }

  private WireWriter config(RpcCall.Admitted call, Message message) {
    try (Lease lease = acquire(message)) {
      return new WireWriter().message(1, ConfigMessage.of(ModelConfig.of(lease.model())));
    }
  }

  private static WireWriter tensor(ValueInfo value) {
    return new WireWriter()
        .text(1, value.name())
        .text(2, Datatype.nameOf(value.tensorType().element()))
        .packed(3, value.tensorType().shape().sizes());
  }

  private Lease acquire(Message message) {
    InferRpcs.Named named = InferRpcs.Named.read(message.reader());
    return inference.acquire(Inference.name(named.model()), named.version(), "");
  }
}
