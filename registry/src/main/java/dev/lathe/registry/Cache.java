package dev.lathe.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The most recently used values, up to a number. For many threads. */
final class Cache<K, V> {
  private final Map<K, V> values;

  Cache(int most) {
    values =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
          }
        };
  }

  synchronized Optional<V> get(K key) {
    return Optional.ofNullable(values.get(key));
  }

  synchronized void put(K key, V value) {
    values.put(key, value);
  }
}
