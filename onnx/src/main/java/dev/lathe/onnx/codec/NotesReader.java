package dev.lathe.onnx.codec;

import dev.lathe.ir.Notes;
import dev.lathe.onnx.codec.Fields.OfEntry;
import dev.lathe.onnx.wire.WireReader;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gathers what a message says beyond its content. */
final class NotesReader {
  private final WireReader in;
  private final Map<String, String> metadata = new LinkedHashMap<>(0);
  private final Map<String, Notes> parts = new LinkedHashMap<>(0);
  private String doc = "";

  NotesReader(WireReader in) {
    this.in = in;
  }

  void doc() {
    doc = in.text();
  }

  /** Reads a metadata entry; one of a key that was there, or that says more, is kept as it is. */
  void metadata() {
    WireReader message = in.message("metadata_props");
    Entry entry = entry(message);
    if (metadata.containsKey(entry.key()) || !message.extras().isEmpty()) {
      in.keepAgain();
    } else {
      metadata.put(entry.key(), entry.value());
    }
  }

  void part(String key, Notes notes) {
    if (notes != Notes.NONE) {
      parts.put(key, notes);
    }
  }

  Notes notes() {
    boolean nothing = doc.isEmpty() && metadata.isEmpty() && parts.isEmpty();
    return nothing && in.extras().isEmpty()
        ? Notes.NONE
        : new Notes(doc, metadata, in.extras(), parts);
  }

  record Entry(String key, String value) {}

  static Entry entry(WireReader in) {
    String key = "";
    String value = "";
    while (in.next()) {
      switch (in.field()) {
        case OfEntry.KEY -> key = in.text();
        case OfEntry.VALUE -> value = in.text();
        default -> in.keep();
      }
    }
    return new Entry(key, value);
  }
}
