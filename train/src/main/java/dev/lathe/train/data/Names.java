package dev.lathe.train.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers of names. */
final class Names {
  private Names() {}

  /** Names by number, the other way round. */
  static Map<String, Integer> numbers(List<String> names) {
    Map<String, Integer> numbers = new HashMap<>();
    names.forEach(name -> numbers.put(name, numbers.size()));
    return numbers;
  }
}
