package dev.lathe.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A section that has the form it must have: every key is there, of its type, or is absent. */
public final class Settings {
  private final String path;
  private final Map<String, Object> values;
  private final Map<String, String> places;

  Settings(String path, Map<String, Object> values, Map<String, String> places) {
    this.path = path;
    this.values = Map.copyOf(values);
    this.places = Map.copyOf(places);
  }

  /**
   * Whether a key has a value, its own or a standard one.
   *
   * @param key one of the section's keys
   * @return whether the other methods may ask for it
   */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /**
   * A text or a choice.
   *
   * @param key one of the section's keys
   * @return its value; empty if absent
   */
  public String text(String key) {
    return values.get(key) instanceof String text ? text : "";
  }

  /**
   * A whole number, or a number of bytes.
   *
   * @param key one of the section's keys
   * @return its value
   */
  public long whole(String key) {
    return (Long) value(key);
  }

  /**
   * A whole number that the table keeps small.
   *
   * @param key one of the section's keys
   * @return its value
   */
  public int small(String key) {
    return Math.toIntExact(whole(key));
  }

  /**
   * A number.
   *
   * @param key one of the section's keys
   * @return its value
   */
  public double real(String key) {
    return (Double) value(key);
  }

  /**
   * A flag.
   *
   * @param key one of the section's keys
   * @return its value
   */
  public boolean flag(String key) {
    return (Boolean) value(key);
  }

  /**
   * A time.
   *
   * @param key one of the section's keys
   * @return its value
   */
  public Duration span(String key) {
    return (Duration) value(key);
  }

  /**
   * A time that may be left to the program.
   *
   * @param key one of the section's keys
   * @return the time; empty for {@code auto}
   */
  public Optional<Duration> spanUnlessAuto(String key) {
    return value(key) instanceof Duration given ? Optional.of(given) : Optional.empty();
  }

  /**
   * A file.
   *
   * @param key one of the section's keys
   * @return its path, if given
   */
  public Optional<Path> file(String key) {
    return Optional.ofNullable((Path) values.get(key));
  }

  /**
   * Texts.
   *
   * @param key one of the section's keys
   * @return its elements; none if absent
   */
  public List<String> texts(String key) {
    return elements(key).stream().map(String.class::cast).toList();
  }

  /**
   * Mappings, or the mapping.
   *
   * @param key one of the section's keys
   * @return its elements; none if absent
   */
  public List<Settings> list(String key) {
    return elements(key).stream().map(Settings.class::cast).toList();
  }

  /**
   * A section within.
   *
   * @param key one of the section's keys
   * @return the section, with its standard values if it was not given
   */
  public Settings section(String key) {
    return (Settings) value(key);
  }

  /**
   * What is wrong with a value beyond its form.
   *
   * @param key one of the section's keys
   * @param message what was found and what is expected
   * @return the exception to throw
   */
  public RuntimeException bad(String key, String message) {
    String name = path.isEmpty() ? key : path + "." + key;
    String place = places.get(key);
    return ConfigText.bad(place == null ? name : place + ": " + name, message);
  }

  private List<?> elements(String key) {
    return values.get(key) instanceof List<?> list ? list : List.of();
  }

  private Object value(String key) {
    @Nullable Object value = values.get(key);
    if (value == null) {
      throw new IllegalStateException("the form of \"" + path + "\" has no value of " + key);
    }
    return value;
  }
}
