package dev.lathe.cli.input;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with an input. */
public enum InputError implements ErrorCode {
  /** The input cannot be read as what it looks like. */
  BAD_INPUT;

  @Override
  public ErrorKind kind() {
    return ErrorKind.INVALID;
  }
}
