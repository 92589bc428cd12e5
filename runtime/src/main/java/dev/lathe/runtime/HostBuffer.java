package dev.lathe.runtime;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap memory of one type and shape that runs read from and write into.
 *
 * <p>The memory (of a buffer that is not {@link #reserve reserved}) is freed once neither this
 * buffer, a binding, nor a view of it is reachable, never earlier: a run in flight on another
 * thread can therefore not lose the memory under it. Closing ends the use through this object.
 * Contents are not guarded: whoever writes while a run reads decides what the run sees.
 */
public final class HostBuffer implements AutoCloseable {
  private final Tensor memory;
  private final @Nullable Arena own;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HostBuffer(Tensor memory) {
    this(memory, null);
  }

  private HostBuffer(Tensor memory, @Nullable Arena own) {
    this.memory = memory;
    this.own = own;
  }

  /**
   * A large buffer of zeros in memory of the system: it takes place page by page, as it is written,
   * whatever the size of the virtual machine's heap, and all is given back by {@link #close}. No
   * run may be in flight then, and bindings and views end with it.
   *
   * @param type any fixed-width type
   * @param dims the shape
   * @return the buffer; the caller closes it
   * @throws LatheException TOO_LARGE if the system has not so much
   */
  public static HostBuffer reserve(ElementType type, long... dims) {
    Arena arena = Arena.ofShared();
    boolean reserved = false;
    try {
      MemorySegment zeros = SystemMemory.zeros(type.byteSize(Tensor.sizeOf(dims)), arena);
      HostBuffer buffer = new HostBuffer(Tensor.of(type, dims, zeros), arena);
      reserved = true;
      return buffer;
    } finally {
      if (!reserved) {
        arena.close();
      }
    }
  }

  /**
   * A buffer of zeros.
   *
   * @param type any fixed-width type
   * @param dims the shape
   * @return the buffer; the caller closes it
   */
  public static HostBuffer allocate(ElementType type, long... dims) {
    return new HostBuffer(Tensor.zeros(type, dims));
  }

  /**
   * A buffer with a copy of a tensor.
   *
   * @param initial type, shape and first content; any fixed-width type
   * @return the buffer; the caller closes it
   */
  public static HostBuffer of(Tensor initial) {
    HostBuffer buffer = allocate(initial.type(), initial.dims());
    buffer.memory.data().copyFrom(initial.data());
    return buffer;
  }

  /**
   * The memory: little-endian, row-major.
   *
   * @return the segment itself; writing changes the buffer
   * @throws LatheException CLOSED after close
   */
  public MemorySegment segment() {
    return tensor().data();
  }

  /**
   * A view of the memory as a tensor: it shows what the next run writes.
   *
   * @return a tensor over the same segment
   * @throws LatheException CLOSED after close
   */
  public Tensor tensor() {
    if (closed.get()) {
      throw new LatheException(RuntimeError.CLOSED, "buffer " + memory + ": is closed");
    }
    return memory;
  }

  /**
   * The beginning of this memory in another shape, for batches that need less of it.
   *
   * @param dims a shape that takes at most as many bytes as this buffer has
   * @return a buffer over the same memory, which is closed on its own
   * @throws LatheException SIZE_MISMATCH if the shape takes more, CLOSED after close
   */
  public HostBuffer beginning(long... dims) {
    Tensor whole = tensor();
    long bytes = Math.min(whole.byteSize(), whole.type().byteSize(Tensor.sizeOf(dims)));
    return new HostBuffer(Tensor.of(whole.type(), dims, whole.data().asSlice(0, bytes)));
  }

  /**
   * Some rows of the first axis: of a cache [slots, ...], say, one slot.
   *
   * @param first the first row
   * @param count how many rows
   * @return a buffer [count, ...] over the same memory, which is closed on its own
   * @throws LatheException BAD_BINDING if there are no such rows, CLOSED after close
   */
  public HostBuffer rows(long first, long count) {
    Tensor whole = tensor();
    long all = whole.rank() == 0 ? 0 : whole.dim(0);
    if (first < 0 || count < 0 || count > all - first) {
      throw new LatheException(
          RuntimeError.BAD_BINDING,
          "rows from " + first + ", " + count + " of " + whole + " (expected: within it)");
    }
    long[] dims = whole.dims();
    dims[0] = count;
    long row = all == 0 ? 0 : whole.byteSize() / all;
    return new HostBuffer(
        Tensor.of(whole.type(), dims, whole.data().asSlice(first * row, count * row)));
  }

  @Override
  public void close() {
    Arena arena = own;
    if (closed.compareAndSet(false, true) && arena != null) {
      arena.close();
    }
  }

  @Override
  public String toString() {
    return memory.toString();
  }
}
