package dev.lathe.registry;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A step of a pipeline.
 *
 * @param kind what it does
 * @param inputs where each input comes from, by the input's name; numbered from 0 where the kind
 *     takes a list
 * @param settings values of all the kind's settings, by name
 */
public record Step(StepKind kind, Map<String, Source> inputs, Map<String, Object> settings) {
  /** Copies both maps, keeping their order. */
  public Step {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    settings = Map.copyOf(settings);
  }

  /**
   * Where a tensor comes from.
   *
   * @param origin an input of the pipeline, or a step
   * @param output the step's output; empty for an input of the pipeline, and for a step that gives
   *     one thing only
   */
  public record Source(String origin, String output) {
    /**
     * Reads {@code origin} or {@code origin.output}.
     *
     * @param text the text
     * @return the source
     */
    public static Source parse(String text) {
      int dot = text.indexOf('.');
      return dot < 0
          ? new Source(text, "")
          : new Source(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public String toString() {
      return output.isEmpty() ? origin : origin + "." + output;
    }
  }

  /** The same step with another value of a setting. */
  Step with(String name, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(settings);
    changed.put(name, value);
    return new Step(kind, inputs, changed);
  }

  /**
   * A text setting.
   *
   * @param name its name
   * @return its value; empty if it is not set
   */
  public String text(String name) {
    return (String) setting(name);
  }

  /**
   * A whole number.
   *
   * @param name the setting's name
   * @return its value
   */
  public int whole(String name) {
    return Math.toIntExact((Long) setting(name));
  }

  /**
   * A number.
   *
   * @param name the setting's name
   * @return its value
   */
  public double real(String name) {
    return (Double) setting(name);
  }

  /**
   * Whether something is wanted.
   *
   * @param name the setting's name
   * @return its value
   */
  public boolean flag(String name) {
    return (Boolean) setting(name);
  }

  /**
   * Several numbers.
   *
   * @param name the setting's name
   * @return its values; none if it is not set
   */
  public double[] reals(String name) {
    return list(name).stream().mapToDouble(value -> ((Number) value).doubleValue()).toArray();
  }

  /**
   * Several whole numbers.
   *
   * @param name the setting's name
   * @return its values
   */
  public List<Long> wholes(String name) {
    return list(name).stream().map(Long.class::cast).toList();
  }

  /**
   * Several texts.
   *
   * @param name the setting's name
   * @return its values; none if it is not set
   */
  public List<String> texts(String name) {
    return list(name).stream().map(String.class::cast).toList();
  }

  private List<?> list(String name) {
    return (List<?>) setting(name);
  }

  private Object setting(String name) {
    Object value = settings.get(name);
    if (value == null) {
      throw new IllegalArgumentException(kind + " has no setting " + name);
    }
    return value;
  }
}
