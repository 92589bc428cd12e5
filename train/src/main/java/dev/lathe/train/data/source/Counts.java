package dev.lathe.train.data.source;

import java.util.Arrays;

/** How many records of each role each chunk has. */
final class Counts {
  private int[][] byRole = new int[Role.values().length][64];

  void add(Role role, int chunk) {
    if (chunk >= byRole[0].length) {
      for (int r = 0; r < byRole.length; r++) {
        byRole[r] = Arrays.copyOf(byRole[r], 2 * chunk);
      }
    }
    byRole[role.ordinal()][chunk]++;
  }

  /** How many each of some chunks has. */
  int[] of(Role role, int chunks) {
    return Arrays.copyOf(byRole[role.ordinal()], chunks);
  }

  long of(Role role) {
    return Arrays.stream(byRole[role.ordinal()]).asLongStream().sum();
  }
}
