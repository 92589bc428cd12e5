package dev.lathe.registry;

import java.util.List;

/**
 * A setting of a step.
 *
 * @param name its name in {@code lathe.yaml}
 * @param form what it may be
 * @param standard what it is where nothing is said; an empty text or list where it is not set
 * @param meaning what it means, in words
 */
public record StepKey(String name, Form form, Object standard, String meaning) {
  /** What a setting may be. */
  public sealed interface Form {
    /**
     * The form in words.
     *
     * @return such as {@code a whole number from 1 to 10}
     */
    String words();

    /** Any text. */
    record Text() implements Form {
      @Override
      public String words() {
        return "a text";
      }
    }

    /** True or false. */
    record Flag() implements Form {
      @Override
      public String words() {
        return "true or false";
      }
    }

    /**
     * One of some names.
     *
     * @param names the names
     */
    record Choice(List<String> names) implements Form {
      Choice(String... names) {
        this(List.of(names));
      }

      @Override
      public String words() {
        return "one of " + String.join(", ", names);
      }
    }

    /**
     * A whole number.
     *
     * @param least the least
     * @param most the most
     */
    record Whole(long least, long most) implements Form {
      @Override
      public String words() {
        return "a whole number from " + least + " to " + most;
      }
    }

    /** A finite number. */
    record Real() implements Form {
      @Override
      public String words() {
        return "a number";
      }
    }

    /**
     * Whole numbers.
     *
     * @param fewest how many there are at least
     * @param count how many there are at most
     * @param least the least of each
     * @param most the most of each
     */
    record Wholes(int fewest, int count, long least, long most) implements Form {
      @Override
      public String words() {
        String many = fewest == count ? "" + count : fewest + " to " + count;
        return "a list of " + many + " whole numbers from " + least + " to " + most;
      }
    }

    /**
     * Finite numbers.
     *
     * @param fewest how many there are at least
     * @param count how many there are at most
     */
    record Reals(int fewest, int count) implements Form {
      @Override
      public String words() {
        return "a list of " + fewest + " to " + count + " numbers";
      }
    }

    /**
     * Texts.
     *
     * @param count how many there are at most
     */
    record Texts(int count) implements Form {
      @Override
      public String words() {
        return "a list of at most " + count + " texts";
      }
    }
  }
}
