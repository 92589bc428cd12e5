package dev.lathe.train.data.source;

import dev.lathe.train.data.Dice;

/**
 * Which records are kept for what. Each record's role is drawn by itself from the seed and its
 * place, so that parts are as large as told only in the mean, and no list of records is held.
 *
 * @param seed what roles are drawn from
 * @param validation probability of validation, 0 to below 1
 * @param test probability of test, 0 to below 1
 */
public record Split(long seed, double validation, double test) {
  /** All records are learned from. */
  public static final Split NONE = new Split(0, 0, 0);

  private static final long STREAM = 1;

  Role role(int chunk, int record) {
    if (validation == 0 && test == 0) {
      return Role.TRAIN;
    }
    double drawn = new Dice(seed, STREAM, chunk, record).uniform();
    if (drawn < test) {
      return Role.TEST;
    }
    return drawn < test + validation ? Role.VALIDATION : Role.TRAIN;
  }
}
