package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import java.util.List;

/** The shared-memory extensions, which are refused. */
final class SharedMemoryRpcs {
  /** Why. */
  static final String REASON =
      "shared memory is not offered: a region that a caller names would be the server's own memory"
          + " to read and write (send the tensor in the request)";

  private static final List<String> METHODS =
      List.of(
          "SystemSharedMemoryStatus",
          "SystemSharedMemoryRegister",
          "SystemSharedMemoryUnregister",
          "CudaSharedMemoryStatus",
          "CudaSharedMemoryRegister",
          "CudaSharedMemoryUnregister");

  private SharedMemoryRpcs() {}

  /** All of them. */
  static List<Rpc> all() {
    return METHODS.stream()
        .map(
            method ->
                GrpcDoor.unary(
                    method,
                    Right.ADMIN,
                    0,
                    (call, message) -> {
                      throw new LatheException(ServerError.NOT_OFFERED, REASON);
                    }))
        .toList();
  }
}
