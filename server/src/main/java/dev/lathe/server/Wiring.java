package dev.lathe.server;

import dev.lathe.registry.Registry;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.ServeObserver;
import dev.lathe.serve.ServeOptions;
import dev.lathe.server.api.ApiDoor;
import dev.lathe.server.console.ConsoleDoor;
import dev.lathe.server.git.GitHttpDoor;
import dev.lathe.server.git.LfsHttpDoor;
import java.util.ArrayList;
import java.util.List;

/** Everything a server is made of, put together by hand; adding a door is one line here. */
final class Wiring implements AutoCloseable {
  private final List<Door> doors = new ArrayList<>();
  private final List<AutoCloseable> parts = new ArrayList<>();

  private Wiring() {}

  static Wiring of(ServerConfig config) {
    Wiring wiring = new Wiring();
    Registry registry = wiring.part(Registry.open(config.data().resolve("registry")));
    ServeOptions options = ServeOptions.defaults(config.environment());
    Deployments deployments = wiring.part(new Deployments(registry, options, ServeObserver.NONE));
    LocalLathe lathe =
        wiring.part(new LocalLathe(config.data(), registry, new ServingPredictor(deployments)));
    wiring.doors.add(new ApiDoor(lathe));
    wiring.doors.add(new ConsoleDoor(lathe, registry));
    wiring.doors.add(new GitHttpDoor(registry));
    wiring.doors.add(new LfsHttpDoor(registry));
    return wiring;
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.add(part);
    return part;
  }

  List<Door> doors() {
    return List.copyOf(doors);
  }

  /** Closes the parts, the last one first; the first failure is thrown after all were tried. */
  @Override
  public void close() {
    RuntimeException first = null;
    for (AutoCloseable part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        first = first == null ? new IllegalStateException("while stopping", e) : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
