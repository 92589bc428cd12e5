package dev.lathe.train.data.source;

/** What a record is kept for. */
public enum Role {
  /** To learn from. */
  TRAIN,
  /** To watch. */
  VALIDATION,
  /** To measure at the end. */
  TEST
}
