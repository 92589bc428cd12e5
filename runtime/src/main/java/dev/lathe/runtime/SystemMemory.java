package dev.lathe.runtime;

import dev.lathe.ir.LatheException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory of the C library. The virtual machine bounds what it allocates itself by the size of its
 * heap, and writes zeros into all of it; {@code calloc} does neither: large memory takes place page
 * by page, as it is first written.
 */
final class SystemMemory {
  private static final long ALIGNMENT = 64;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALLOC =
      handle(
          "calloc",
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      handle("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  private SystemMemory() {}

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, FunctionDescriptor signature) {
    SymbolLookup library = LINKER.defaultLookup();
    return LINKER.downcallHandle(library.find(name).orElseThrow(), signature);
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
    MemorySegment found = calloc(bytes + ALIGNMENT);
    if (found.equals(MemorySegment.NULL)) {
      throw new LatheException(
          RuntimeError.TOO_LARGE, bytes + " bytes (expected: what the system has free)");
    }
    long skipped = Math.floorMod(-found.address(), ALIGNMENT);
    return found
        .reinterpret(bytes + ALIGNMENT, arena, SystemMemory::free)
        .asSlice(skipped, bytes);
  }

  private static MemorySegment calloc(long bytes) {
    try {
      return (MemorySegment) CALLOC.invokeExact(bytes, 1L);
    } catch (Throwable e) {
      throw new LatheException(RuntimeError.ENGINE_FAILED, "calloc cannot be called", e);
    }
  }

  private static void free(MemorySegment memory) {
    try {
      FREE.invokeExact(memory);
    } catch (Throwable e) {
      throw new LatheException(RuntimeError.ENGINE_FAILED, "free cannot be called", e);
    }
  }
}
