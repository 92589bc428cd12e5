package dev.lathe.server;

import java.util.ArrayList;
import java.util.List;

/** Everything a server is made of, put together by hand; adding a door is one line here. */
final class Wiring implements AutoCloseable {
  private final List<Door> doors = new ArrayList<>();
  private final List<AutoCloseable> parts = new ArrayList<>();

  private Wiring() {}

  static Wiring of(ServerConfig config) {
    Wiring wiring = new Wiring();
    return wiring;
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
