package dev.lathe.onnx;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;

/** What can be wrong with a file of a model or of weights. */
public enum OnnxError implements ErrorCode {
  /** The bytes are not what their format says. */
  MALFORMED(ErrorKind.INVALID),
  /** A name, count or depth is beyond what the reader takes. */
  LIMIT(ErrorKind.INVALID),
  /** External data points to where it must not, or does not fit. */
  EXTERNAL_DATA(ErrorKind.INVALID),
  /** The model breaks a rule of ONNX; the message lists which. */
  CHECK_FAILED(ErrorKind.INVALID),
  /** A single protobuf file would pass 2 GiB. */
  TOO_LARGE(ErrorKind.INVALID),
  /** The format has no place for this. */
  UNSUPPORTED(ErrorKind.UNSUPPORTED),
  /** The file does not exist. */
  NO_FILE(ErrorKind.NOT_FOUND),
  /** The file exists and cannot be read. */
  UNREADABLE(ErrorKind.UNAVAILABLE),
  /** The file could not be written; what was there before still is. */
  NOT_WRITTEN(ErrorKind.UNAVAILABLE),
  /** The disk is full; what was there before still is. */
  DISK_FULL(ErrorKind.EXHAUSTED);

  private final ErrorKind kind;

  OnnxError(ErrorKind kind) {
    this.kind = kind;
  }

  @Override
  public ErrorKind kind() {
    return kind;
  }
}
