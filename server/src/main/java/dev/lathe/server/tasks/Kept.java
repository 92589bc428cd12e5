package dev.lathe.server.tasks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What takes a while to open, kept for whoever needs it next: a few, the ones used last. What is
 * let go is closed once nobody holds it any more. For many threads.
 *
 * @param <K> what they are asked for by
 * @param <T> what they are
 */
final class Kept<K, T> implements AutoCloseable {
  private final int most;
  private final Consumer<T> closing;
  private final LinkedHashMap<K, Entry<T>> entries = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  Kept(int most, Consumer<T> closing) {
    this.most = most;
    this.closing = closing;
  }

  /** One of them; its own lock guards the opening, the owner's the counting. */
  private static final class Entry<T> {
    private @Nullable T value;
    private int users;
    private boolean leaving;
  }

  /** The right to use one; it stays open until this is closed. */
  final class Held implements AutoCloseable {
    private final Entry<T> entry;
    private final T value;

    private Held(Entry<T> entry, T value) {
      this.entry = entry;
      this.value = value;
    }

    T value() {
      return value;
    }

    @Override
    public void close() {
      done(entry);
    }
  }

  /**
   * Takes one, opened first if need be.
   *
   * @param key which
   * @param opening opens it; what it throws is thrown here, and the next one tries again
   * @return it; the caller closes the hold
   */
  Held hold(K key, Supplier<T> opening) {
    Entry<T> entry = entered(key);
    boolean open = false;
    try {
      T value = opened(entry, opening);
      open = true;
      return new Held(entry, value);
    } finally {
      if (!open) {
        forget(key, entry);
        done(entry);
      }
    }
  }

  private synchronized Entry<T> entered(K key) {
    Entry<T> entry = entries.computeIfAbsent(key, _ -> new Entry<>());
    entry.users++;
    entry.leaving |= closed;
    return entry;
  }

  private T opened(Entry<T> entry, Supplier<T> opening) {
    T value;
    synchronized (entry) {
      value = entry.value;
      if (value == null) {
        value = opening.get();
        entry.value = value;
      }
    }
    letGo(false).forEach(closing);
    return value;
  }

  /** What is unused and one too many, or everything that is unused. */
  private synchronized List<T> letGo(boolean all) {
    List<T> gone = new ArrayList<>();
    var oldest = entries.entrySet().iterator();
    while (oldest.hasNext() && (all || entries.size() > most)) {
      Map.Entry<K, Entry<T>> next = oldest.next();
      if (next.getValue().users == 0) {
        oldest.remove();
        T value = next.getValue().value;
        if (value != null) {
          gone.add(value);
        }
      }
    }
    return gone;
  }

  private synchronized void forget(K key, Entry<T> entry) {
    entries.remove(key, entry);
    entry.leaving = true;
  }

  private void done(Entry<T> entry) {
    T last = null;
    synchronized (this) {
      entry.users--;
      if (entry.users == 0 && entry.leaving) {
        last = entry.value;
        entries.values().removeIf(other -> other == entry);
      }
    }
    if (last != null) {
      closing.accept(last);
    }
  }

  /** Closes what nobody holds; the rest when it is given back. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      entries.values().forEach(entry -> entry.leaving = true);
    }
    letGo(true).forEach(closing);
  }
}
