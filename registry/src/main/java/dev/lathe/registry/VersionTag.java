package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version's tag: {@code v1}, {@code v2}, ...
 *
 * @param number from 1
 */
record VersionTag(int number) implements Comparable<VersionTag> {
  private static final Pattern FORM = Pattern.compile("v[1-9][0-9]{0,8}");

  /** Reads a tag; empty if it is none of a version. */
  static Optional<VersionTag> parse(String text) {
    return FORM.matcher(text).matches()
        ? Optional.of(new VersionTag(Integer.parseInt(text.substring(1))))
        : Optional.empty();
  }

  VersionTag next() {
    if (number == 999_999_999) {
      throw new LatheException(RegistryError.TOO_LARGE, "version v" + number + " is the last");
    }
    return new VersionTag(number + 1);
  }

  String ref() {
    return BareRepository.TAGS + this;
  }

  @Override
  public int compareTo(VersionTag other) {
    return Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return "v" + number;
  }
}
