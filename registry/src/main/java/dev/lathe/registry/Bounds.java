package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.HashSet;
import java.util.List;

/** The ranges of values in {@code deployment.yaml}. */
final class Bounds {
  private Bounds() {}

  static LatheException bad(String key, Object found, String expected) {
    return new LatheException(
        RegistryError.BAD_DEPLOYMENT, key + ": " + found + " (expected: " + expected + ")");
  }

  static void whole(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw bad(key, value, "a whole number from " + least + " to " + most);
    }
  }

  static void real(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw bad(key, value, "a number from " + plain(least) + " to " + plain(most));
    }
  }

  static void percent(String key, double value) {
    if (!(value > 0 && value <= 100)) {
      throw bad(key, value, "above 0, at most 100");
    }
  }

  /** A number without the point where it is whole. */
  static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static void count(String key, int size, int most) {
    if (size > most) {
      throw bad(key, size + " elements", "at most " + most);
    }
  }

  static void distinct(String key, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      throw bad(key, names, "each name once");
    }
  }

  static void version(String key, String version) {
    pattern(key, version, "v[1-9][0-9]{0,8}", "a version, such as v2");
  }

  static void tensor(String key, String name) {
    pattern(key, name, "[^\\x00-\\x1f]{1,512}", "1 to 512 characters");
  }

  static void pattern(String key, String text, String pattern, String expected) {
    if (!text.matches(pattern)) {
      throw bad(key, Names.quote(text), expected);
    }
  }
}
