package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Names of classes and their numbers. */
final class Names {
  private static final int MAX_CLASSES = 65_536;
  private static final int SHOWN = 8;

  private Names() {}

  /**
   * The different ones among names, in order.
   *
   * @param names a name for each example
   * @param where what to call them in errors, such as {@code a.jsonl: labels}
   * @return 2 to 65536 names
   * @throws LatheException BAD_DATA if there are fewer, TOO_LARGE if there are more
   */
  static List<String> classes(Stream<String> names, String where) {
    List<String> classes = names.distinct().limit(MAX_CLASSES + 1L).sorted().toList();
    if (classes.size() > MAX_CLASSES) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          where + ": more than " + MAX_CLASSES + " different ones (expected: at most that)");
    }
    if (classes.size() < 2) {
      throw new LatheException(
          TrainError.BAD_DATA,
          where + ": " + classes.size() + " different ones (expected: at least 2)");
    }
    return classes;
  }

  /** Names by number, the other way round. */
  static Map<String, Integer> numbers(List<String> names) {
    Map<String, Integer> numbers = new HashMap<>();
    names.forEach(name -> numbers.put(name, numbers.size()));
    return numbers;
  }

  /** Names for people; of many, the first. */
  static String shown(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() > SHOWN ? first + ", and " + (names.size() - SHOWN) + " more" : first;
  }
}
