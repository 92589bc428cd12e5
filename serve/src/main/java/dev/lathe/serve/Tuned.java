package dev.lathe.serve;

/**
 * A setting that is either given or found by measurement.
 *
 * @param <T> what the setting is
 */
public sealed interface Tuned<T> {
  /**
   * Found by measurement while requests are served.
   *
   * @param <T> what the setting is
   */
  record Auto<T>() implements Tuned<T> {}

  /**
   * Given.
   *
   * @param <T> what the setting is
   * @param value the setting
   */
  record Fixed<T>(T value) implements Tuned<T> {}

  /**
   * Measurement decides.
   *
   * @param <T> what the setting is
   * @return the choice
   */
  static <T> Tuned<T> auto() {
    return new Auto<>();
  }

  /**
   * A given value.
   *
   * @param <T> what the setting is
   * @param value the value
   * @return the choice
   */
  static <T> Tuned<T> fixed(T value) {
    return new Fixed<>(value);
  }
}
