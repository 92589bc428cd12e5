package dev.lathe.ir;

/** What can be wrong with a model as data. */
public enum IrError implements ErrorCode {
  /** A tensor's data does not fit its shape. */
  SIZE_MISMATCH(ErrorKind.INVALID),
  /** A value of one element type was read as another. */
  TYPE_MISMATCH(ErrorKind.INVALID),
  /** A shape is negative or its size overflows. */
  BAD_SHAPE(ErrorKind.INVALID),
  /** A name is used twice, or is missing. */
  BAD_NAME(ErrorKind.INVALID),
  /** An attribute is missing or has another type. */
  BAD_ATTRIBUTE(ErrorKind.INVALID);

  private final ErrorKind kind;

  IrError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}
