package dev.lathe.cli.score;

import dev.lathe.ir.ElementType;
import dev.lathe.registry.Datatype;
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
    return Datatype.of(port.datatype())
        .filter(type -> type != Datatype.UINT64)
        .map(Datatype::element)
        .orElseThrow(
            () ->
                Columns.bad(
                    "input \"%s\": datatype %s cannot come from a file of records"
                        .formatted(port.name(), port.datatype())));
  }
}
