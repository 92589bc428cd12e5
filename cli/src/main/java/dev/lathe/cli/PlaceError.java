package dev.lathe.cli;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with the place that a verb is sent to. */
enum PlaceError implements ErrorCode {
  /** What is named as the data folder is something else. */
  NOT_A_FOLDER,
  /** Nothing was ever made there. */
  NO_DATA,
  /** A file that was asked for cannot be written. */
  CANNOT_WRITE;

  @Override
  public ErrorKind kind() {
    return this == CANNOT_WRITE ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID;
  }
}
