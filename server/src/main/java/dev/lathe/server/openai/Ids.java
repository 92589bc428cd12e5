package dev.lathe.server.openai;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names of answers and their parts. */
final class Ids {
  private static final int BYTES = 12;

  private Ids() {}

  /** A new name. */
  static String of(String prefix) {
    byte[] random = new byte[BYTES];
    ThreadLocalRandom.current().nextBytes(random);
    return prefix + HexFormat.of().formatHex(random);
  }
}
