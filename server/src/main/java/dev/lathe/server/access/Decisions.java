package dev.lathe.server.access;

import dev.lathe.server.Right;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How often callers were let in to what, and how often not and why. */
public final class Decisions {
  /** What may be decided: the error's code in small letters, where one is not let in. */
  public static final List<String> WORDS =
      List.of("allowed", "unauthenticated", "not_allowed", "quota");

  private final Map<Decision, LongAdder> counts = new ConcurrentHashMap<>();

  private record Decision(Right right, String word) {}

  void decided(Right right, String word) {
    counts.computeIfAbsent(new Decision(right, word), none -> new LongAdder()).increment();
  }

  /**
   * How often something was decided.
   *
   * @param right what was asked for
   * @param word what was decided, one of {@link #WORDS}
   * @return how often since the server began
   */
  public long count(Right right, String word) {
    LongAdder count = counts.get(new Decision(right, word));
    return count == null ? 0 : count.sum();
  }
}
