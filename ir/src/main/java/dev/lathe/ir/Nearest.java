package dev.lathe.ir;

import java.util.Collection;

/** Finds what somebody probably meant. */
public final class Nearest {
  private Nearest() {}

  /**
   * A hint such as {@code did you mean "epochs"?}, or nothing when no name is near.
   *
   * @param found what was found
   * @param known what there is
   * @return the hint with a space after it, or empty text
   */
  public static String hint(String found, Collection<String> known) {
    String best = "";
    int bestDistance = Math.max(2, found.length() / 3) + 1;
    for (String name : known) {
      int distance = distance(found, name);
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "" : "did you mean \"" + best + "\"? ";
  }

  /** Edits from one text to another, a swap of neighbours counting as one (Damerau 1964). */
  static int distance(String a, String b) {
    if (Math.max(a.length(), b.length()) > 200) {
      return Integer.MAX_VALUE;
    }
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int kept = d[i - 1][j - 1] + changed;
        d[i][j] = Math.min(kept, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (isSwap(a, i, b, j)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }

  private static boolean isSwap(String a, int i, String b, int j) {
    return i > 1
        && j > 1
        && a.charAt(i - 1) == b.charAt(j - 2)
        && a.charAt(i - 2) == b.charAt(j - 1);
  }
}
