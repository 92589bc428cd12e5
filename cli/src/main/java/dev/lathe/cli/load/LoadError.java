package dev.lathe.cli.load;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can go wrong where a load's result is put to use. */
public enum LoadError implements ErrorCode {
  /** Another version is live than was measured. */
  OTHER_VERSION;

  @Override
  public ErrorKind kind() {
    return ErrorKind.CONFLICT;
  }
}
