package dev.lathe.checks.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The exceptions to the size rules, each with its present size. A thing may shrink, and then its
 * line must be lowered or taken out; it may never grow.
 */
final class Limits {
  private static final String FILE = "checks/tidy-limits.txt";

  private final Map<String, Integer> allowed = new TreeMap<>();

  Limits() {
    for (String line : Sources.text(Sources.ROOT.resolve(FILE)).lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        int space = line.lastIndexOf(' ');
        allowed.put(line.substring(0, space), Integer.valueOf(line.substring(space + 1)));
      }
    }
  }

  /**
   * Compares what was measured with a rule.
   *
   * @param rule the rule's name, the first word of its lines in the file
   * @param normal what everything may have
   * @param measured sizes by place
   * @return what is wrong
   */
  List<String> problems(String rule, int normal, Map<String, Integer> measured) {
    List<String> wrong = new ArrayList<>();
    measured.forEach(
        (place, size) -> {
          Integer exception = allowed.get(rule + " " + place);
          if (exception == null && size > normal) {
            wrong.add(rule + " " + place + " " + size + " (expected: at most " + normal + ")");
          } else if (exception != null && size > exception) {
            wrong.add(rule + " " + place + " " + size + " (it was " + exception + ")");
          } else if (exception != null && size < exception) {
            wrong.add(FILE + ": lower \"" + rule + " " + place + "\" to " + size);
          }
        });
    allowed.keySet().stream()
        .filter(key -> key.startsWith(rule + " "))
        .filter(key -> !measured.containsKey(key.substring(rule.length() + 1)))
        .forEach(key -> wrong.add(FILE + ": take out \"" + key + "\", it is gone"));
    return wrong;
  }
}
