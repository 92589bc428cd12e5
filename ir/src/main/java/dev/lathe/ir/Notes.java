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
 * @param parts notes on parts of the thing that have no place for notes of their own, such as a
 *     node's attributes; the keys are the codec's
 */
public record Notes(
    String doc, Map<String, String> metadata, Extras extras, Map<String, Notes> parts) {
  /** Nothing said. */
  public static final Notes NONE = new Notes("", Map.of(), Extras.NONE);

  /** Copies the maps, keeping their order. */
  public Notes {
    metadata = ordered(metadata);
    parts = ordered(parts);
  }

  /**
   * Notes without any on parts.
   *
   * @param doc documentation for people
   * @param metadata free keys and values
   * @param extras what the file said beyond that
   */
  public Notes(String doc, Map<String, String> metadata, Extras extras) {
    this(doc, metadata, extras, Map.of());
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
    return new Notes(doc, more, extras, parts);
  }

  /**
   * These notes with notes on one more part.
   *
   * @param key the part
   * @param notes what is said about it
   * @return new notes
   */
  public Notes withPart(String key, Notes notes) {
    Map<String, Notes> more = new LinkedHashMap<>(parts);
    more.put(key, notes);
    return new Notes(doc, metadata, extras, more);
  }

  /**
   * Notes on a part.
   *
   * @param key the part
   * @return what is said about it, or {@link #NONE}
   */
  public Notes part(String key) {
    return parts.getOrDefault(key, NONE);
  }

  private static <V> Map<String, V> ordered(Map<String, V> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
