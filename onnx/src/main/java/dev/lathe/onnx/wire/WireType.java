package dev.lathe.onnx.wire;

/** How a field's value is laid out. */
enum WireType {
  VARINT,
  FIXED64,
  RUN,
  FIXED32,
  /** A group's start or end, or a code that has no meaning. */
  GROUP;

  static WireType of(int code) {
    return switch (code) {
      case 0 -> VARINT;
      case 1 -> FIXED64;
      case 2 -> RUN;
      case 5 -> FIXED32;
      default -> GROUP;
    };
  }

  int code() {
    return switch (this) {
      case VARINT -> 0;
      case FIXED64 -> 1;
      case RUN -> 2;
      case GROUP -> 3;
      case FIXED32 -> 5;
    };
  }
}
