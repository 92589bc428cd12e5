package dev.lathe.transform;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with a model that is to be transformed. */
public enum TransformError implements ErrorCode {
  /** Shapes or element types contradict each other. */
  SHAPE_MISMATCH(ErrorKind.INVALID),
  /** A value that is named does not exist in the graph. */
  UNKNOWN_VALUE(ErrorKind.INVALID),
  /** A setting is out of its range. */
  BAD_SETTING(ErrorKind.INVALID),
  /** The loss does not depend on a parameter that is to be trained. */
  NO_PATH(ErrorKind.INVALID),
  /** A graph whose nodes are not in topological order, or whose values are made twice. */
  BAD_GRAPH(ErrorKind.INVALID),
  /** No gradient rule for an operator, or not for the way it is used. */
  NO_GRADIENT(ErrorKind.UNSUPPORTED),
  /** A transform does not handle this form of an operator. */
  UNSUPPORTED_FORM(ErrorKind.UNSUPPORTED);

  private final ErrorKind kind;

  TransformError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}
