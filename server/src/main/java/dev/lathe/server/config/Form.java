package dev.lathe.server.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** What a setting's value must look like. Reader and reference page both follow it. */
public sealed interface Form {
  /** A whole number; a {@code Long}. */
  record Whole(long least, long most) implements Form {}

  /** A finite number; a {@code Double}. */
  record Real(double least, double most) implements Form {}

  /** Text that a pattern matches as a whole; a {@code String}. */
  record Text(Pattern pattern, String meaning) implements Form {}

  /** {@code true} or {@code false}; a {@code Boolean}. */
  record Flag() implements Form {}

  /** One of some names; a {@code String}. */
  record Choice(List<String> names) implements Form {}

  /** A time such as {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 90d}. */
  record Span(Duration least, Duration most) implements Form {}

  /** The word {@code auto}, or a value of a form; the text or the value. */
  record AutoOr(Form given) implements Form {}

  /** A number of bytes such as {@code 64MiB}, or without a unit; a {@code Long}. */
  record Size(long least, long most) implements Form {}

  /** A file or folder; a {@code Path}, resolved against the configuration file's folder. */
  record File() implements Form {}

  /** A list of values of one form, or in a variable or flag the values with commas between. */
  record Many(Form element, int most) implements Form {}

  /** A mapping with known keys; a {@link Settings}. */
  record Fields(List<Key> keys) implements Form {}

  /**
   * A key of a mapping.
   *
   * @param name the key
   * @param form what its value looks like
   * @param standard its value when absent, as it would be written; empty text if it is then absent
   * @param about what it says, for people
   */
  record Key(String name, Form form, String standard, String about) {}
}
