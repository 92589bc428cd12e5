package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Repository;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which models there are, to load one and to let one go. The name of a repository says nothing
 * here, since there is one registry.
 */
final class RepositoryRpcs {
  private static final int MOST_PARAMETERS = 1024;

  private final Repository repository;

  /**
   * Acts on a registry's models.
   *
   * @param repository what there is
   */
  RepositoryRpcs(Repository repository) {
    this.repository = repository;
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
      if (fields.field() == 2) {
        only = fields.flag();
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
    asked.refuseOthers(Set.of());
    repository.load(Inference.name(asked.model()));
    return new WireWriter();
  }

  private WireWriter unload(RpcCall.Admitted call, Message message) {
    Asked asked = Asked.read(message.reader());
    asked.refuseOthers(Set.of("unload_dependents"));
    repository.unload(Inference.name(asked.model()));
    return new WireWriter();
  }

  /**
   * What is asked of a model.
   *
   * @param model its name, as written
   * @param parameters names of the parameters
   */
  private record Asked(String model, Set<String> parameters) {
    static Asked read(WireReader fields) {
      String model = "";
      Set<String> parameters = new TreeSet<>();
      while (fields.next()) {
        switch (fields.field()) {
          case 2 -> model = fields.text();
          case 3 -> parameters.add(name(fields.message()));
          default -> {}
        }
        if (parameters.size() > MOST_PARAMETERS) {
          throw new LatheException(
              ServerError.BAD_REQUEST, "more than " + MOST_PARAMETERS + " parameters");
        }
      }
      return new Asked(model, parameters);
    }

    private static String name(WireReader entry) {
      String name = "";
      while (entry.next()) {
        if (entry.field() == 1) {
          name = entry.text();
        }
      }
      return name;
    }

    /** Models come from the registry, and are set up by their deployment, never by a request. */
    void refuseOthers(Set<String> known) {
      for (String name : parameters) {
        if (!known.contains(name)) {
          throw new LatheException(
              ServerError.NOT_OFFERED,
              "failed to load: parameter \""
                  + name
                  + "\" (expected: none; the registry says what a model is, its deployment how it"
                  + " is served)");
        }
      }
    }
  }
}
