package dev.lathe.benchmarks.generating;

import dev.lathe.ir.ElementType;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.transform.CachedDecoder;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A decoder with a cache of some rows; runs are tied to it once and allocate nothing. */
final class CachedRows implements AutoCloseable {
  private final CachedDecoder decoder;
  private final Session session;
  private final List<HostBuffer> keys = new ArrayList<>();
  private final List<HostBuffer> values = new ArrayList<>();

  CachedRows(CachedDecoder decoder, Session session, int rows, int capacity) {
    this.decoder = decoder;
    this.session = session;
    for (CachedDecoder.Cache layer : decoder.layers()) {
      long[] dims = {rows, layer.heads(), capacity, layer.size()};
      keys.add(HostBuffer.allocate(ElementType.FLOAT, dims));
      values.add(HostBuffer.allocate(ElementType.FLOAT, dims));
    }
  }

  /** Which tokens of a run logits are wanted for. */
  enum Wanted {
    LAST,
    ALL
  }

  /** A run of the first rows, or of the first one with several tokens. */
  final class Tied implements AutoCloseable {
    private final int rows;
    private final int fresh;
    private final HostBuffer tokens;
    private final HostBuffer lengths;
    private final HostBuffer total = HostBuffer.allocate(ElementType.INT32);
    private final HostBuffer logits;
    private final Binding binding;

    Tied(int rows, int fresh, Wanted wanted) {
      this.rows = rows;
      this.fresh = fresh;
      this.tokens = HostBuffer.allocate(ElementType.INT64, rows, fresh);
      this.lengths = HostBuffer.allocate(ElementType.INT32, rows);
      int count = wanted == Wanted.ALL ? rows * fresh : rows;
      HostBuffer picked = HostBuffer.allocate(ElementType.INT64, count);
      for (int i = 0; i < count; i++) {
        long row = wanted == Wanted.ALL ? i : (long) i * fresh + fresh - 1;
        picked.segment().setAtIndex(ValueLayout.JAVA_LONG, i, row);
      }
      this.logits = HostBuffer.allocate(ElementType.FLOAT, count, decoder.vocabulary());
      Map<String, HostBuffer> inputs = new LinkedHashMap<>();
      inputs.put("input_ids", tokens);
      inputs.put("seqlens_k", lengths);
      inputs.put("total_sequence_length", total);
      inputs.put("logits_rows", picked);
      Map<String, HostBuffer> outputs = new LinkedHashMap<>();
      outputs.put("logits", logits);
      Map<String, String> inPlace = new LinkedHashMap<>();
      for (int i = 0; i < 2 * keys.size(); i++) {
        boolean key = i % 2 == 0;
        String name = "." + i / 2 + (key ? ".key" : ".value");
        HostBuffer cache = (key ? keys : values).get(i / 2).rows(0, rows);
        inputs.put("past_key_values" + name, cache);
        outputs.put("present" + name, cache);
        inPlace.put("present" + name, "past_key_values" + name);
      }
      this.binding = session.bind(inputs, outputs, inPlace);
    }

    /** New tokens, rows one after another, behind as many as each row has. */
    void run(long[] ids, int from) {
      for (int i = 0; i < ids.length; i++) {
        tokens.segment().setAtIndex(ValueLayout.JAVA_LONG, i, ids[i]);
      }
      for (int row = 0; row < rows; row++) {
        lengths.segment().setAtIndex(ValueLayout.JAVA_INT, row, from + fresh - 1);
      }
      total.segment().set(ValueLayout.JAVA_INT, 0, from + fresh);
      binding.run();
    }

    HostBuffer logits() {
      return logits;
    }

    @Override
    public void close() {
      binding.close();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
