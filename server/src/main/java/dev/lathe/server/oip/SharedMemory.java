package dev.lathe.server.oip;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Right;
import dev.lathe.server.Routes;
import dev.lathe.server.ServerError;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/**
 * The shared memory extensions, which are refused: a client that names memory of this process, or
 * files of this machine, by itself is a way in for attackers, and it needs to run on this machine.
 */
final class SharedMemory {
  private SharedMemory() {}

  static void routes(Routes routes) {
    for (String kind : List.of("systemsharedmemory", "cudasharedmemory")) {
      String base = "/v2/" + kind;
      routes
          .get(Right.READ, base + "/status", SharedMemory::refuse)
          .get(Right.READ, base + "/region/{region}/status", SharedMemory::refuse)
          .post(Right.ADMIN, base + "/region/{region}/register", SharedMemory::refuse)
          .post(Right.ADMIN, base + "/region/{region}/unregister", SharedMemory::refuse)
          .post(Right.ADMIN, base + "/unregister", SharedMemory::refuse);
    }
  }

  /** Why, for a message. */
  static String reason(String what) {
    return what
        + ": shared memory is not offered, since it would let clients name memory and files of the"
        + " server (expected: \"data\", or binary tensors in the body)";
  }

  private static void refuse(ServerRequest request, ServerResponse response) {
    throw new LatheException(ServerError.NOT_OFFERED, reason(request.path().path()));
  }
}
