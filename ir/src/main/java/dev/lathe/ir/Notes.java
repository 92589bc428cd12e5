package dev.lathe.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is said about a thing rather than what it does.
 *
 * @param doc documentation for people
 * @param metadata free keys and values, in the file's order
 * @param extras what the file said beyond that
 */
public record Notes(String doc, Map<String, String> metadata, Extras extras) {
  /** Nothing said. */
  public static final Notes NONE = new Notes("", Map.of(), Extras.NONE);

  /** Copies the map, keeping its order. */
  public Notes {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Notes with documentation only.
   *
   * @param doc the text
   * @return the notes
   */
  public static Notes doc(String doc) {
    return new Notes(doc, Map.of(), Extras.NONE);
  }

  /**
   * These notes with one more metadata entry.
   *
   * @param key the key
   * @param value the value
   * @return new notes
   */
  public Notes with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(metadata);
    more.put(key, value);
    return new Notes(doc, more, extras);
  }
}
