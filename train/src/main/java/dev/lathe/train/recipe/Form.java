package dev.lathe.train.recipe;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a YAML value must look like. The reader and the JSON Schema both follow it. */
sealed interface Form {
  /** A whole number. */
  record Whole(long least, long most) implements Form {}

  /** A finite number; {@code above} is excluded, {@code most} included. */
  record Real(double least, boolean leastExcluded, double most) implements Form {}

  /** Text that a pattern matches as a whole. */
  record Text(Pattern pattern, String meaning) implements Form {}

  /** True or false. */
  record Flag() implements Form {}

  /** One of some names. */
  record Choice(List<String> names) implements Form {}

  /** One of some names, or text that a pattern matches as a whole. */
  record Name(Choice names, Pattern others) implements Form {}

  /** A list of values of one form. */
  record Many(Form element, int least, int most) implements Form {}

  /** Text, or a whole number, or a list of such: a column of a table. */
  record Column() implements Form {}

  /** A mapping whose keys are names that somebody chose, to values of one form. */
  record Each(Text key, Form element, int most) implements Form {}

  /** A mapping with known keys. */
  record Fields(List<Key> keys) implements Form {}

  /** Text of one form, or a value of another that is no text. */
  record Either(Form text, Form other, String meaning) implements Form {}

  /**
   * A mapping whose first key decides which other keys it has.
   *
   * @param key the first key
   * @param about what it says, for people
   * @param cases the other keys by its value
   */
  record Variants(String key, String about, Map<String, Fields> cases) implements Form {}

  /** Variants that may be given by name alone, where that one needs no other key. */
  record Named(Variants variants) implements Form {}

  /**
   * A key of a mapping.
   *
   * @param name the key
   * @param form what its value looks like
   * @param need whether it must be given
   * @param standard what it is when absent; empty text means that it is simply absent
   * @param about what it says, for people
   */
  record Key(String name, Form form, Need need, Object standard, String about) {
    static Key required(String name, Form form, String about) {
      return new Key(name, form, Need.REQUIRED, "", about);
    }

    static Key optional(String name, Form form, Object standard, String about) {
      return new Key(name, form, Need.OPTIONAL, standard, about);
    }
  }

  /** Whether a key must be given. */
  enum Need {
    REQUIRED,
    OPTIONAL
  }
}
