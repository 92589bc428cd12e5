package dev.lathe.train;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with learning. */
public enum TrainError implements ErrorCode {
  /** A recipe is malformed, or says something impossible. */
  BAD_RECIPE(ErrorKind.INVALID),
  /** A data file is malformed, or does not fit the recipe. */
  BAD_DATA(ErrorKind.INVALID),
  /** A recipe or data file is not there. */
  FILE_NOT_FOUND(ErrorKind.NOT_FOUND),
  /** Data or a recipe is beyond the limits. */
  TOO_LARGE(ErrorKind.EXHAUSTED),
  /** A model that cannot be trained on the data at hand. */
  UNSUPPORTED_MODEL(ErrorKind.UNSUPPORTED),
  /** The loss is no longer a finite number. */
  DIVERGED(ErrorKind.INVALID),
  /** The run directory holds a run already. */
  RUN_EXISTS(ErrorKind.CONFLICT),
  /** The run directory holds no run. */
  RUN_NOT_FOUND(ErrorKind.NOT_FOUND),
  /** A checkpoint belongs to another recipe, other data or another graph. */
  CHECKPOINT_MISMATCH(ErrorKind.CONFLICT),
  /** No checkpoint can be read. */
  CHECKPOINT_CORRUPT(ErrorKind.INVALID),
  /** The run directory cannot be written or read. */
  STORAGE(ErrorKind.UNAVAILABLE),
  /** The caller stopped the run. */
  CANCELLED(ErrorKind.CANCELLED);

  private final ErrorKind kind;

  TrainError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}
