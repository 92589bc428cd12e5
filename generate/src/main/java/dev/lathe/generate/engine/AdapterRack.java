package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import dev.lathe.runtime.Session;
import dev.lathe.transform.AdapterSlots.Site;
import dev.lathe.zoo.LowRank;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The adapters of a decoder: which there are, and which of them are in its stacks. Those that are
 * wanted and not there are written into a place that nobody uses, by the thread that wants them,
 * while the engine goes on; the one used least recently makes room. Safe for use by many threads.
 *
 * <p>The decoder begins without stacks, with the graph that has no places for adapters. It gets
 * another one with the first adapter, and again when an adapter has parts beside layers that no
 * earlier one had. Stacks are made anew for a larger rank, and given back after the last adapter.
 */
public final class AdapterRack {
  private static final Duration SOON = Duration.ofSeconds(1);

  private final SessionDecoder decoder;
  private final Supplier<Map<String, Site>> finding;
  private final Function<List<Site>, Session> opening;
  private final int most;
  private final ReentrantLock seeking = new ReentrantLock();
  private final ReentrantLock loading = new ReentrantLock();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final @Nullable Entry[] places;
  private @Nullable Map<String, Site> sites;
  private volatile @Nullable Equipment equipment;
  private long clock;
  private long registered;

  /** An adapter: where it is, who uses it, and whether it may still be asked for. */
  private static final class Entry {
    private final String key;
    private final String name;
    private final LowRank adapter;
    private int place;
    private int users;
    private long used;
    private boolean gone;

    Entry(String key, String name, LowRank adapter) {
      this.key = key;
      this.name = name;
      this.adapter = adapter;
    }
  }

  /**
   * The use of an adapter that is in memory.
   *
   * @param key tells it apart from all others that this decoder ever had; empty for none
   * @param place its place in the stacks; 0 for none
   * @param done ends the use; does nothing when called again
   */
  public record Use(String key, int place, Runnable done) {
    /** No adapter. */
    public static final Use NONE = new Use("", 0, () -> {});
  }

  /**
   * A rack without adapters.
   *
   * @param decoder what computes with them
   * @param finding finds the layers that adapters may stand beside
   * @param opening opens a session over the same decoder with places for adapters at such layers
   * @param most the most adapters in memory
   */
  public AdapterRack(
      SessionDecoder decoder,
      Supplier<Map<String, Site>> finding,
      Function<List<Site>, Session> opening,
      int most) {
    this.decoder = decoder;
    this.finding = finding;
    this.opening = opening;
    this.most = most;
    this.places = new Entry[most + 1];
  }

  /**
   * Makes an adapter known. It takes memory when it is first used.
   *
   * @param name what messages call it
   * @param adapter the adapter
   * @return the key to ask for it by
   * @throws LatheException BAD_ADAPTER, naming the layer, if it does not fit the decoder; nothing
   *     has changed then
   */
  public String register(String name, LowRank adapter) {
    if (most == 0) {
      throw new LatheException(
          GenerateError.BAD_ADAPTER,
          "adapter \"" + name + "\": adapters are switched off (expected: a setting above 0)");
    }
    AdapterFit.require(name, adapter, sites());
    synchronized (this) {
      String key = name + "#" + registered++;
      entries.put(key, new Entry(key, name, adapter));
      return key;
    }
  }

  private Map<String, Site> sites() {
    seeking.lock();
    try {
      Map<String, Site> found = sites;
      if (found == null) {
        found = finding.get();
        sites = found;
      }
      return found;
    } finally {
      seeking.unlock();
    }
  }

  /**
   * Forgets an adapter. Who uses it goes on; its place is free when the last one is done.
   *
   * @param key as {@link #register} gave it
   */
  public void forget(String key) {
    synchronized (this) {
      Entry entry = entries.remove(key);
      if (entry != null) {
        entry.gone = true;
        leave(entry);
      }
    }
    shrink();
  }

  /**
   * Gives the stacks back when the last adapter is gone. The session stays: the one without places
   * would be a second copy of the weights until the next step, where memory may be what is short.
   */
  private void shrink() {
    while (isSlack() && loading.tryLock()) {
      try {
        Equipment current = equipment;
        if (current != null && isSlack()) {
          equipment = changed(current.resized(Equipment.Size.NONE));
        }
      } catch (LatheException e) {
        return; // The decoder is being closed, or there is no memory: what is there serves on.
      } finally {
        loading.unlock();
      }
    }
  }

  /** Whether there are stacks and nobody who may use them; whoever loads now looks again. */
  private synchronized boolean isSlack() {
    return equipment != null
        && equipment.places() > Equipment.Size.NONE.places()
        && entries.isEmpty()
        && Arrays.stream(places).allMatch(entry -> entry == null);
  }

  private Equipment changed(Equipment fresh) {
    boolean taken = false;
    try {
      decoder.change(fresh);
      taken = true;
      return fresh;
    } finally {
      if (!taken) {
        fresh.close();
      }
    }
  }

  /**
   * Brings an adapter into memory ahead of its first use, if there is room.
   *
   * @param key as {@link #register} gave it
   * @throws LatheException what the engine or the memory say
   */
  public void prepare(String key) {
    try {
      take(key).done().run();
    } catch (LatheException e) {
      if (e.code() != GenerateError.ADAPTERS_BUSY) {
        throw e;
      }
    }
  }

  /**
   * Uses an adapter, which is brought into memory first if need be; the calling thread waits for
   * that.
   *
   * @param asked a key, or a name
   * @return the use, which the caller ends
   * @throws LatheException UNKNOWN_ADAPTER; ADAPTERS_BUSY, with the time after which to try again,
   *     if answers use as many others as there is room for; CLOSED
   */
  public Use take(String asked) {
    Use there = present(asked);
    if (there != null) {
      return there;
    }
    loading.lock();
    try {
      there = present(asked);
      if (there != null) {
        return there;
      }
      Entry entry;
      int place;
      synchronized (this) {
        entry = entry(asked);
        place = vacate(entry);
      }
      Equipment fresh = equip(entry, place);
      synchronized (this) {
        equipment = fresh;
        entry.place = place;
        places[place] = entry;
        return use(entry);
      }
    } finally {
      loading.unlock();
      shrink();
    }
  }

  private synchronized @Nullable Use present(String asked) {
    Entry entry = entry(asked);
    return entry.place == 0 ? null : use(entry);
  }

  private Entry entry(String asked) {
    Entry entry = entries.get(asked);
    if (entry == null) {
      entry =
          entries.values().stream().filter(one -> one.name.equals(asked)).findFirst().orElse(null);
    }
    if (entry == null) {
      List<String> names = entries.values().stream().map(one -> one.name).distinct().toList();
      throw new LatheException(
          GenerateError.UNKNOWN_ADAPTER,
          "adapter \""
              + asked
              + "\": not loaded (expected: "
              + (names.isEmpty() ? "none" : "one of " + names)
              + ")");
    }
    return entry;
  }

  private Use use(Entry entry) {
    entry.users++;
    entry.used = ++clock;
    AtomicBoolean ended = new AtomicBoolean();
    return new Use(
        entry.key,
        entry.place,
        () -> {
          if (ended.compareAndSet(false, true)) {
            done(entry);
          }
        });
  }

  private void done(Entry entry) {
    synchronized (this) {
      entry.users--;
      leave(entry);
    }
    shrink();
  }

  /** An adapter that nobody may ask for any more gives its place back after its last use. */
  private void leave(Entry entry) {
    if (entry.gone && entry.users == 0 && entry.place > 0) {
      places[entry.place] = null;
      entry.place = 0;
    }
  }

  /** A place that nobody uses: an empty one, or that of the adapter used least recently. */
  private int vacate(Entry wanted) {
    int oldest = 0;
    for (int i = 1; i <= most; i++) {
      Entry there = places[i];
      if (there == null) {
        return i;
      }
      Entry before = places[oldest];
      if (there.users == 0 && (before == null || there.used < before.used)) {
        oldest = i;
      }
    }
    Entry leaving = places[oldest];
    if (leaving == null) {
      throw new LatheException(
          GenerateError.ADAPTERS_BUSY,
          "adapter \""
              + wanted.name
              + "\": answers use "
              + most
              + " others (expected: at most "
              + most
              + " at once; try again later)",
          SOON);
    }
    leaving.place = 0;
    places[oldest] = null;
    return oldest;
  }

  /** Writes an adapter into a free place, in stacks that are large enough. */
  private Equipment equip(Entry entry, int place) {
    Equipment current = equipment;
    if (current != null && current.takes(place, entry.adapter)) {
      current.write(place, entry.adapter);
      decoder.resized();
      return current;
    }
    try {
      return changed(filled(enlarged(current, entry.adapter), entry, place));
    } finally {
      decoder.opened();
    }
  }

  /** Writes all adapters that are in memory into new stacks, and one more. */
  private Equipment filled(Equipment fresh, Entry entry, int place) {
    boolean written = false;
    try {
      fresh.write(place, entry.adapter);
      List<Entry> others;
      synchronized (this) {
        others = Arrays.stream(places).filter(one -> one != null).toList();
      }
      for (Entry other : others) {
        int at = other.place;
        if (at > 0) {
          fresh.write(at, other.adapter);
        }
      }
      written = true;
      return fresh;
    } finally {
      if (!written) {
        fresh.close();
      }
    }
  }

  private Equipment enlarged(@Nullable Equipment current, LowRank adapter) {
    Map<String, Site> all = new LinkedHashMap<>(sites());
    List<Site> wanted = new ArrayList<>();
    all.forEach(
        (module, site) -> {
          boolean before = current != null && current.sites().contains(site);
          if (before || adapter.layers().containsKey(module)) {
            wanted.add(site);
          }
        });
    int rank = Math.max(adapter.rank(), current == null ? 0 : current.rank());
    Equipment.Size size = new Equipment.Size(most + 1, rank);
    if (current != null && current.sites().size() == wanted.size()) {
      return current.resized(size);
    }
    decoder.opening();
    return Equipment.of(opening.apply(wanted), List.copyOf(wanted), size);
  }
}
