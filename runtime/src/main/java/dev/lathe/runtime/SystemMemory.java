package dev.lathe.runtime;

import dev.lathe.ir.LatheException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;

/**
 * Memory of the C library. The virtual machine bounds what it allocates itself by the size of its
 * heap, and writes zeros into all of it; {@code calloc} does neither: large memory takes place page
 * by page, as it is first written.
 */
final class SystemMemory {
  private static final long ALIGNMENT = 64;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Calloc CALLOC =
      function(
          Calloc.class,
          "calloc",
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final Free FREE =
      function(Free.class, "free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  /** The function {@code calloc}; public for the proxy alone, as all of this class is inside. */
  public interface Calloc {
    /**
     * Zeros for some elements.
     *
     * @param count how many
     * @param size bytes of each
     * @return their address; null if there is not so much
     */
    MemorySegment of(long count, long size);
  }

  /** The function {@code free}. */
  public interface Free {
    /**
     * Gives memory back.
     *
     * @param memory its address
     */
    void of(MemorySegment memory);
  }

  private SystemMemory() {}

  @SuppressWarnings("restricted")
  private static <T> T function(Class<T> type, String name, FunctionDescriptor signature) {
    SymbolLookup library = LINKER.defaultLookup();
    MethodHandle handle = LINKER.downcallHandle(library.find(name).orElseThrow(), signature);
    return MethodHandleProxies.asInterfaceInstance(type, handle);
  }

  /**
   * Zeros.
   *
   * @param bytes how many
   * @param arena gives them back when it is closed
   * @return the memory, aligned to 64 bytes
   * @throws LatheException TOO_LARGE if the system has not so much
   */
  @SuppressWarnings("restricted")
  static MemorySegment zeros(long bytes, Arena arena) {
    MemorySegment found = CALLOC.of(bytes + ALIGNMENT, 1);
    if (found.equals(MemorySegment.NULL)) {
      throw new LatheException(
          RuntimeError.TOO_LARGE, bytes + " bytes (expected: what the system has free)");
    }
    long skipped = Math.floorMod(-found.address(), ALIGNMENT);
    return found.reinterpret(bytes + ALIGNMENT, arena, FREE::of).asSlice(skipped, bytes);
  }
}
