package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Repository;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which models there are, to load one and to let one go. A request may name the repository, of
 * which there is one.
 */
final class RepositoryRpcs {
  private static final int MOST_PARAMETERS = 1024;

  private final Repository repository;
  private final RpcGate gate;

  /**
   * Acts on a registry's models.
   *
   * @param repository what there is
   * @param gate is passed for each other model that a call lets go
   */
  RepositoryRpcs(Repository repository, RpcGate gate) {
    this.repository = repository;
    this.gate = gate;
  }

  /** All of them. */
  List<Rpc> all() {
    return List.of(
        GrpcDoor.unary("RepositoryIndex", Right.READ, 0, this::index),
        GrpcDoor.unary("RepositoryModelLoad", Right.DEPLOY, 2, this::load),
        GrpcDoor.unary("RepositoryModelUnload", Right.DEPLOY, 2, this::unload));
  }

  private WireWriter index(RpcCall.Admitted call, Message message) {
    boolean only = false;
    WireReader fields = message.reader();
    while (fields.next()) {
      switch (fields.field()) {
        case 1 -> Repository.requireKnown(fields.text());
        case 2 -> only = fields.flag();
        default -> {}
      }
    }
    WireWriter answer = new WireWriter();
    for (Repository.Entry entry : only ? repository.ready() : repository.index()) {
      answer.message(
          1,
          one ->
              one.text(1, entry.name())
                  .text(2, entry.version())
                  .text(3, entry.state().name())
                  .text(4, entry.reason()));
    }
    return answer;
  }

  private WireWriter load(RpcCall.Admitted call, Message message) {
    Asked asked = Asked.read(message.reader());
    repository.load(Inference.name(asked.model()), asked.parameters());
    return new WireWriter();
  }

  private WireWriter unload(RpcCall.Admitted call, Message message) {
    Asked asked = Asked.read(message.reader());
    repository.unload(
        Inference.name(asked.model()),
        asked.parameters(),
        other -> gate.admit(call.call().about(other.toString())));
    return new WireWriter();
  }

  /**
   * What is asked of a model.
   *
   * @param model its name, as written
   * @param parameters texts by name, true and false among them; what is neither is empty
   */
  private record Asked(String model, Map<String, String> parameters) {
    static Asked read(WireReader fields) {
      String model = "";
      Map<String, String> parameters = new TreeMap<>();
      while (fields.next()) {
        switch (fields.field()) {
          case 1 -> Repository.requireKnown(fields.text());
          case 2 -> model = fields.text();
          case 3 -> add(fields.message(), parameters);
          default -> {}
        }
        if (parameters.size() > MOST_PARAMETERS) {
          throw new LatheException(
              ServerError.BAD_REQUEST, "more than " + MOST_PARAMETERS + " parameters");
        }
      }
      return new Asked(model, parameters);
    }

    private static void add(WireReader entry, Map<String, String> parameters) {
      String name = "";
      String text = "";
      while (entry.next()) {
        switch (entry.field()) {
          case 1 -> name = entry.text();
          case 2 -> text = text(entry.message());
          default -> {}
        }
      }
      parameters.put(name, text);
    }

    private static String text(WireReader choice) {
      String text = "";
      while (choice.next()) {
        text =
            switch (choice.field()) {
              case 1 -> Boolean.toString(choice.flag());
              case 3 -> choice.text();
              default -> "";
            };
      }
      return text;
    }
  }
}
