package dev.lathe.onnx.codec;

import dev.lathe.ir.Notes;
import dev.lathe.onnx.codec.Fields.OfEntry;
import dev.lathe.onnx.codec.Fields.OfOpset;
import dev.lathe.onnx.wire.WireWriter;
import java.util.Map;

/** Writes metadata entries and operator sets, which several messages share. */
final class NotesWriter {
  private NotesWriter() {}

  static void entries(WireWriter out, int field, Map<String, String> entries) {
    entries.forEach(
        (key, value) ->
            out.message(
                field,
                entry -> {
                  entry.text(OfEntry.KEY, key);
                  entry.text(OfEntry.VALUE, value);
                }));
  }

  static void opsets(WireWriter out, int field, Map<String, Long> opsets, Notes notes) {
    opsets.forEach(
        (domain, version) ->
            out.message(
                field,
                opset -> {
                  opset.text(OfOpset.DOMAIN, domain);
                  opset.varint(OfOpset.VERSION, version);
                  opset.raw(notes.part(Parts.opset(domain)).extras().bytes());
                }));
  }
}
