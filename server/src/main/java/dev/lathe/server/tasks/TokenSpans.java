package dev.lathe.server.tasks;

import dev.lathe.server.Classified;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins tokens of one class to parts of a text. Classes may be marked as those that begin a part
 * and those that go on with it ({@code B-} and {@code I-}); {@code O} is no class.
 */
final class TokenSpans {
  private static final String OUTSIDE = "O";

  private final int[] text;
  private final List<String> names;
  private final List<Classified.Span> found = new ArrayList<>();
  private String open = "";
  private int start;
  private int end;
  private double sum;
  private int count;

  TokenSpans(String text, List<String> names) {
    this.text = text.codePoints().toArray();
    this.names = names;
  }

  /** The next token: where it stands, its class and how likely that is. */
  void add(int from, int to, int name, double score) {
    String label = names.get(name);
    boolean begins = label.startsWith("B-");
    String bare = begins || label.startsWith("I-") ? label.substring(2) : label;
    if (to <= from || label.equals(OUTSIDE)) {
      if (to > from) {
        finish();
      }
      return;
    }
    if (begins || !bare.equals(open)) {
      finish();
      open = bare;
      start = from;
      sum = 0;
      count = 0;
    }
    end = to;
    sum += score;
    count++;
  }

  private void finish() {
    if (!open.isEmpty()) {
      int first = start;
      while (first < end && Character.isWhitespace(text[first])) {
        first++;
      }
      String part = new String(text, first, end - first);
      found.add(new Classified.Span(open, sum / count, first, end, part));
      open = "";
    }
  }

  List<Classified.Span> found() {
    finish();
    return List.copyOf(found);
  }
}
