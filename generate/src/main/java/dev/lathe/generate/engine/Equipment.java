package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.transform.AdapterSlots;
import dev.lathe.zoo.LowRank;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a decoder computes with: a session, and the stacks of adapters that its graph reads, if it
 * was made for any. Several may have one session, which closes with the last of them.
 */
final class Equipment implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Kernels work on blocks: a rank is filled up to a multiple, whoever else is there. */
  private static final int RANK_BLOCK = 16;

  private final Shared shared;
  private final List<AdapterSlots.Site> sites;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Size size;
  private final Map<String, HostBuffer> stacks = new HashMap<>();
  private final Set<Integer> written = ConcurrentHashMap.newKeySet();
  private boolean closed;

  /** A session and how many use it. */
  private record Shared(Session session, AtomicInteger users) {}

  private Equipment(Shared shared, List<AdapterSlots.Site> sites, Size size) {
    this.shared = shared;
    this.sites = sites;
    this.size = size;
    for (int i = 0; i < sites.size(); i++) {
      numbers.put(sites.get(i).module(), i);
    }
  }

  /** A session alone, closed with this. */
  static Equipment plain(Session session) {
    return new Equipment(new Shared(session, new AtomicInteger(1)), List.of(), new Size(0, 0));
  }

  /** A session whose graph has sites, closed with this. */
  static Equipment of(Session session, List<AdapterSlots.Site> sites, Size size) {
    return new Equipment(new Shared(session, new AtomicInteger(1)), sites, size.padded())
        .reserved();
  }

  /** Room for adapters: how many, one that adds nothing among them, and of which rank at most. */
  record Size(int places, int rank) {
    /** Room for the one that adds nothing. */
    static final Size NONE = new Size(1, RANK_BLOCK);

    private Size padded() {
      return new Size(places, (rank + RANK_BLOCK - 1) / RANK_BLOCK * RANK_BLOCK);
    }
  }

  /** The same session with stacks of another size, of zeros. */
  synchronized Equipment resized(Size other) {
    requireOpen();
    shared.users().incrementAndGet();
    return new Equipment(shared, sites, other.padded()).reserved();
  }

  /** Stacks take memory page by page, as they are written. */
  private Equipment reserved() {
    boolean reserved = false;
    try {
      for (int i = 0; i < sites.size(); i++) {
        AdapterSlots.Site site = sites.get(i);
        requireSize(site);
        stacks.put(
            AdapterSlots.down(i),
            HostBuffer.reserve(ElementType.FLOAT, size.places(), site.inputs(), size.rank()));
        stacks.put(
            AdapterSlots.up(i),
            HostBuffer.reserve(ElementType.FLOAT, size.places(), size.rank(), site.outputs()));
      }
      reserved = true;
      return this;
    } finally {
      if (!reserved) {
        close();
      }
    }
  }

  /** A stack is one tensor of the engine, which ends at 2 GiB. */
  private void requireSize(AdapterSlots.Site site) {
    long bytes =
        (long) size.places() * size.rank() * Math.max(site.inputs(), site.outputs()) * Float.BYTES;
    if (bytes > Integer.MAX_VALUE) {
      throw new LatheException(
          GenerateError.BAD_ADAPTER,
          "layer \"%s\": %d adapters of rank %d take %d bytes (expected: at most %d; fewer in memory,"
                  .formatted(
                      site.module(), size.places() - 1, size.rank(), bytes, Integer.MAX_VALUE)
              + " or a lower rank)");
    }
  }

  Session session() {
    return shared.session();
  }

  /** Stacks by the names of the graph's inputs; empty if it takes no adapters. */
  Map<String, HostBuffer> stacks() {
    return stacks;
  }

  List<AdapterSlots.Site> sites() {
    return sites;
  }

  int rank() {
    return size.rank();
  }

  int places() {
    return size.places();
  }

  /** Whether an adapter fits into a place as it is. */
  boolean takes(int place, LowRank adapter) {
    return place < size.places()
        && adapter.rank() <= size.rank()
        && numbers.keySet().containsAll(adapter.layers().keySet());
  }

  /** What the stacks take of the memory, in bytes: places that nothing was written to take none. */
  long stackBytes() {
    long each =
        sites.stream()
            .mapToLong(site -> ((long) site.inputs() + site.outputs()) * size.rank() * Float.BYTES)
            .sum();
    return each * written.size();
  }

  /** What this takes beside another that stays. */
  long bytesBeside(Equipment other) {
    return stackBytes() + (shared == other.shared ? 0 : session().weightBytes());
  }

  /** Writes an adapter into a place that no run reads, and zeros where it has no part. */
  synchronized void write(int place, LowRank adapter) {
    requireOpen();
    written.add(place);
    for (int i = 0; i < sites.size(); i++) {
      MemorySegment down = place(AdapterSlots.down(i), place);
      MemorySegment up = place(AdapterSlots.up(i), place);
      down.fill((byte) 0);
      up.fill((byte) 0);
      LowRank.Factors factors = adapter.layers().get(sites.get(i).module());
      if (factors != null) {
        write(factors, sites.get(i), new Parts(down, up));
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LatheException(GenerateError.CLOSED, "the model is being closed");
    }
  }

  private MemorySegment place(String stack, int place) {
    return Objects.requireNonNull(stacks.get(stack)).rows(place, 1).segment();
  }

  private record Parts(MemorySegment down, MemorySegment up) {}

  /** A [r, I] turned, and B [O, r] turned and multiplied with the scale, rounded once. */
  private void write(LowRank.Factors factors, AdapterSlots.Site site, Parts parts) {
    int own = factors.rank();
    float[] a = factors.down().toFloats();
    for (int k = 0; k < own; k++) {
      for (int i = 0; i < site.inputs(); i++) {
        parts.down().setAtIndex(FLOAT, (long) i * size.rank() + k, a[k * site.inputs() + i]);
      }
    }
    float[] b = factors.up().toFloats();
    for (int k = 0; k < own; k++) {
      for (int o = 0; o < site.outputs(); o++) {
        float value = (float) (factors.scale() * b[o * own + k]);
        parts.up().setAtIndex(FLOAT, (long) k * site.outputs() + o, value);
      }
    }
  }

  /** Ends the use of the stacks, and of the session, if nobody else has it. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    new ArrayList<>(stacks.values()).forEach(HostBuffer::close);
    stacks.clear();
    if (shared.users().decrementAndGet() == 0) {
      shared.session().close();
    }
  }
}
