package dev.lathe.server.access;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Denials that are told once and then gathered, so that nobody fills the audit log: of each caller
 * at each address, the first of a kind in an interval is told at once, and of the others how many
 * there were. Beyond a number of these in an interval, all further ones are one. Safe for many
 * threads.
 */
final class Denials {
  static final int MOST = 1000;
  private static final Key OTHERS = new Key("others", "", "denied");

  private final Map<Key, Gathered> open = new LinkedHashMap<>();

  /** Who was denied, and why. */
  record Key(String peer, String caller, String decision) {}

  /**
   * What was denied again.
   *
   * @param key to whom
   * @param last what was asked last
   * @param count how often since the first
   */
  record Gathered(Key key, Ask last, long count) {}

  /** Something was denied; whether it is to be told at once. */
  synchronized boolean isFirst(Key key, Ask ask) {
    Key known = open.containsKey(key) || open.size() < MOST ? key : OTHERS;
    Gathered before = open.get(known);
    open.put(known, new Gathered(known, ask, before == null ? 0 : before.count() + 1));
    return before == null;
  }

  /** The interval is over; what was denied in it again. */
  synchronized List<Gathered> end() {
    List<Gathered> again = open.values().stream().filter(one -> one.count() > 0).toList();
    open.clear();
    return again;
  }
}
