package dev.lathe.generate;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cached decoder with slots, for tests: each run is told rows, new tokens and lengths. */
final class CacheRun implements AutoCloseable {
  private final CachedDecoder decoder;
  private final Session session;
  private final int capacity;
  private final List<HostBuffer> keys = new ArrayList<>();
  private final List<HostBuffer> values = new ArrayList<>();
  private final Map<String, HostBuffer> given = new LinkedHashMap<>();

  CacheRun(CachedDecoder decoder, int slots, int capacity) {
    this.decoder = decoder;
    this.session = Session.open(decoder.model(), SessionOptions.defaults());
    this.capacity = capacity;
    for (CachedDecoder.Cache layer : decoder.layers()) {
      keys.add(cache(slots, layer));
      values.add(cache(slots, layer));
    }
  }

  /** What an encoder gave, a row for each slot. */
  void give(String input, Tensor rows) {
    given.put(input, HostBuffer.of(rows));
  }

  private HostBuffer cache(int slots, CachedDecoder.Cache layer) {
    HostBuffer buffer =
        HostBuffer.allocate(ElementType.FLOAT, slots, layer.heads(), capacity, layer.size());
    buffer.segment().fill((byte) 0x7f); // what was never written must never be read
    return buffer;
  }

  /** New tokens of one slot from a place on: logits of each. */
  float[][] append(int slot, int from, long... tokens) {
    return run(slot, new long[][] {tokens}, from);
  }

  /** New tokens of slots one after another, each row's beginning at a place of its own. */
  float[][] run(int firstSlot, long[][] tokens, int... from) {
    int rows = tokens.length;
    int fresh = tokens[0].length;
    int[] lengths = new int[rows];
    long[] flat = new long[rows * fresh];
    long[] places = new long[rows * fresh];
    long[] wanted = new long[rows * fresh];
    for (int row = 0; row < rows; row++) {
      lengths[row] = from[row] + fresh - 1;
      for (int i = 0; i < fresh; i++) {
        flat[row * fresh + i] = tokens[row][i];
        places[row * fresh + i] = from[row] + i;
        wanted[row * fresh + i] = row * fresh + i;
      }
    }
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", HostBuffer.of(Tensor.ofLongs(flat, rows, fresh)));
    inputs.put("seqlens_k", HostBuffer.of(Tensor.ofInts(lengths, rows)));
    int total = Arrays.stream(lengths).max().orElseThrow() + 1;
    inputs.put("total_sequence_length", HostBuffer.of(Tensor.ofInts(new int[] {total})));
    inputs.put("logits_rows", HostBuffer.of(Tensor.ofLongs(wanted, wanted.length)));
    if (decoder.takesPositions()) {
      inputs.put("position_ids", HostBuffer.of(Tensor.ofLongs(places, rows, fresh)));
    }
    given.forEach((name, buffer) -> inputs.put(name, buffer.rows(firstSlot, rows)));
    Map<String, HostBuffer> outputs = new LinkedHashMap<>();
    HostBuffer logits = HostBuffer.allocate(ElementType.FLOAT, wanted.length, decoder.vocabulary());
    outputs.put("logits", logits);
    Map<String, String> inPlace = new LinkedHashMap<>();
    for (int layer = 0; layer < keys.size(); layer++) {
      tie(new Tie(layer, "key", keys.get(layer).rows(firstSlot, rows)), inputs, outputs, inPlace);
      tie(
          new Tie(layer, "value", values.get(layer).rows(firstSlot, rows)),
          inputs,
          outputs,
          inPlace);
    }
    try (Binding binding = session.bind(inputs, outputs, inPlace)) {
      binding.run();
    }
    return rows(logits.tensor());
  }

  private record Tie(int layer, String what, HostBuffer slots) {}

  private static void tie(
      Tie tie,
      Map<String, HostBuffer> inputs,
      Map<String, HostBuffer> outputs,
      Map<String, String> inPlace) {
    String past = "past_key_values." + tie.layer() + "." + tie.what();
    String present = "present." + tie.layer() + "." + tie.what();
    inputs.put(past, tie.slots());
    outputs.put(present, tie.slots());
    inPlace.put(present, past);
  }

  static float[][] rows(Tensor logits) {
    float[] all = logits.toFloats();
    int width = (int) logits.dim(-1);
    float[][] rows = new float[all.length / width][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }
    return rows;
  }

  /** Copies the first places of one slot's cache to another. */
  void copy(int from, int to, int places) {
    for (int layer = 0; layer < keys.size(); layer++) {
      CachedDecoder.Cache shape = decoder.layers().get(layer);
      for (HostBuffer buffer : List.of(keys.get(layer), values.get(layer))) {
        MemorySegment source = buffer.rows(from, 1).segment();
        MemorySegment target = buffer.rows(to, 1).segment();
        long head = capacity * shape.size() * Float.BYTES;
        for (long h = 0; h < shape.heads(); h++) {
          long bytes = places * shape.size() * Float.BYTES;
          MemorySegment.copy(source, h * head, target, h * head, bytes);
        }
      }
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
