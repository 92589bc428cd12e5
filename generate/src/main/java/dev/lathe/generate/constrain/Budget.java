package dev.lathe.generate.constrain;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;

/**
 * How much work and memory a constraint may take to be compiled, counted so that the same
 * constraint is refused on every machine.
 */
final class Budget {
  /** Steps of work: some seconds at most. */
  static final long WORK = 60_000_000;

  /** States of the tables. */
  static final int STATES = 200_000;

  /** Nodes and edges that expressions and rules are spelled out to before they become tables. */
  static final int PARTS = 2_000_000;

  private long work;
  private int states;
  private int parts;

  void work(long steps) {
    work += steps;
    if (work > WORK) {
      throw new LatheException(
          GenerateError.CONSTRAINT_TOO_LARGE,
          "constraint: more than "
              + WORK
              + " steps to compile (expected: fewer alternatives, shorter counted repetitions)");
    }
  }

  /** Something that takes memory while tables are made. */
  void part() {
    work(1);
    parts++;
    if (parts > PARTS) {
      throw new LatheException(
          GenerateError.CONSTRAINT_TOO_LARGE,
          "constraint: more than "
              + PARTS
              + " parts when spelled out (expected: shorter counted repetitions)");
    }
  }

  void states(int more) {
    states += more;
    if (states > STATES) {
      throw new LatheException(
          GenerateError.CONSTRAINT_TOO_LARGE,
          "constraint: more than "
              + STATES
              + " states (expected: fewer properties or alternatives, shorter counted"
              + " repetitions)");
    }
  }
}
