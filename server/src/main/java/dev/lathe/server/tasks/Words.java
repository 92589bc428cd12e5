package dev.lathe.server.tasks;

import java.util.Arrays;

/**
 * A text taken apart into words and what stands between them: a run of letters and digits is one
 * piece, every other character is one for itself, and so is each of a script that has no spaces.
 * Places are in code points.
 */
final class Words {
  private final int[] points;
  private int[] starts = new int[64];
  private int[] counts = new int[64];
  private int size;

  private Words(int[] points) {
    this.points = points;
    int at = 0;
    while (at < points.length) {
      if (size + 1 >= starts.length) {
        starts = Arrays.copyOf(starts, 2 * starts.length);
        counts = Arrays.copyOf(counts, 2 * counts.length);
      }
      counts[size + 1] = counts[size] + (Character.isLetterOrDigit(points[at]) ? 1 : 0);
      at = after(at);
      size++;
      starts[size] = at;
    }
  }

  static Words of(String text) {
    return new Words(text.codePoints().toArray());
  }

  /** The beginning of a text. */
  static Words of(String text, int most) {
    return new Words(text.codePoints().limit(most).toArray());
  }

  private int after(int at) {
    int end = at + 1;
    if (joins(points[at])) {
      while (end < points.length && joins(points[end])) {
        end++;
      }
    }
    return end;
  }

  private static boolean joins(int point) {
    boolean letter =
        Character.isLetterOrDigit(point) || Character.getType(point) == Character.NON_SPACING_MARK;
    return letter && !alone(point);
  }

  private static boolean alone(int point) {
    return Character.isIdeographic(point)
        || switch (Character.UnicodeScript.of(point)) {
          case HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
          default -> false;
        };
  }

  int size() {
    return size;
  }

  int start(int piece) {
    return starts[piece];
  }

  int end(int piece) {
    return starts[piece + 1];
  }

  boolean isWord(int piece) {
    return count(piece, piece + 1) == 1;
  }

  /** How many of some pieces are words. */
  int count(int from, int to) {
    return counts[to] - counts[from];
  }

  String text(int piece) {
    return text(piece, piece + 1);
  }

  /** The text of some pieces, at least one. */
  String text(int from, int to) {
    return new String(points, starts[from], starts[to] - starts[from]);
  }
}
