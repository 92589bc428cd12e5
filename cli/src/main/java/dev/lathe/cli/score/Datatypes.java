package dev.lathe.cli.score;

import dev.lathe.ir.ElementType;
import dev.lathe.server.VersionDetails.Port;

/** Element types by their names in the Open Inference Protocol. */
final class Datatypes {
  private Datatypes() {}

  /**
   * The element type of an input.
   *
   * @throws dev.lathe.ir.LatheException BAD_COLUMNS if no column can hold it
   */
  static ElementType of(Port port) {
    return switch (port.datatype()) {
      case "BOOL" -> ElementType.BOOL;
      case "UINT8" -> ElementType.UINT8;
      case "UINT16" -> ElementType.UINT16;
      case "UINT32" -> ElementType.UINT32;
      case "INT8" -> ElementType.INT8;
      case "INT16" -> ElementType.INT16;
      case "INT32" -> ElementType.INT32;
      case "INT64" -> ElementType.INT64;
      case "FP16" -> ElementType.FLOAT16;
      case "BF16" -> ElementType.BFLOAT16;
      case "FP32" -> ElementType.FLOAT;
      case "FP64" -> ElementType.DOUBLE;
      case "BYTES" -> ElementType.STRING;
      default ->
          throw Columns.bad(
              "input \""
                  + port.name()
                  + "\": datatype "
                  + port.datatype()
                  + " cannot come from a"
                  + " file of records");
    };
  }
}
