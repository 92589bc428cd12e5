package dev.lathe.prepare.template;

/** What a rendering may use: none is worth more. */
final class Budget {
  /** The most characters or items of one value, and of the output. */
  static final int LARGEST = 16 << 20;

  private static final long STEPS = 10_000_000;
  private static final int CHARACTERS_OF_A_STEP = 16;
  private static final int DEEPEST = 200;

  private long steps = STEPS;
  private int depth;

  void step() {
    steps(1);
  }

  void steps(long count) {
    steps -= count;
    if (steps < 0) {
      throw new Fault("the template does more than " + STEPS + " steps");
    }
  }

  /** A value of that many characters or items comes to be. */
  void size(long length) {
    if (length > LARGEST) {
      throw new Fault("a value of " + length + " characters (expected: at most " + LARGEST + ")");
    }
    steps(length / CHARACTERS_OF_A_STEP);
  }

  void enter() {
    if (++depth > DEEPEST) {
      throw new Fault("the template calls itself more than " + DEEPEST + " deep");
    }
  }

  void leave() {
    depth--;
  }
}
