package dev.lathe.generate.beam;

import dev.lathe.generate.NextScores;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.transform.CachedDecoder;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The steps of one search over a cache. Not safe for use by several threads. */
final class CachedSearch implements NextScores {
  private static final String PAST = "past_key_values.";

  private final CachedDecoder form;
  private final Session decoder;
  private final Map<String, Tensor> memory;
  private final LineCache cache;
  private Map<String, HostBuffer> seen = Map.of();
  private int[] sources = new int[0];

  CachedSearch(CachedDecoder form, Session decoder, Map<String, Tensor> memory, LineCache cache) {
    this.form = form;
    this.decoder = decoder;
    this.memory = memory;
    this.cache = cache;
  }

  @Override
  public Tensor after(List<Line> lines) {
    int count = lines.size();
    int known = lines.getFirst().tokens().length - 1;
    int[] parents = lines.stream().mapToInt(Line::parent).toArray();
    if (known > 0 && !Arrays.equals(parents, IntStream.range(0, count).toArray())) {
      cache.reorder(parents, known);
    }
    look(lines.stream().mapToInt(Line::source).toArray());
    Map<String, HostBuffer> inputs = new LinkedHashMap<>(seen);
    inputs.putAll(tokens(lines, known));
    Map<String, HostBuffer> outputs = new LinkedHashMap<>();
    HostBuffer logits = HostBuffer.allocate(ElementType.FLOAT, count, form.vocabulary());
    outputs.put("logits", logits);
    Map<String, String> inPlace = new LinkedHashMap<>();
    cache
        .past(count)
        .forEach(
            (past, buffer) -> {
              String present = "present." + past.substring(PAST.length());
              inputs.put(past, buffer);
              outputs.put(present, buffer);
              inPlace.put(present, past);
            });
    try (Binding binding = decoder.bind(inputs, outputs, inPlace)) {
      binding.run();
    }
    return logits.tensor();
  }

  /** Gives each line what the encoder said of its source, copied only if lines changed theirs. */
  private void look(int[] wanted) {
    if (Arrays.equals(wanted, sources)) {
      return;
    }
    Map<String, HostBuffer> looked = new LinkedHashMap<>();
    memory.forEach(
        (name, all) -> {
          long[] dims = all.dims();
          long row = all.byteSize() / dims[0];
          dims[0] = wanted.length;
          HostBuffer rows = HostBuffer.allocate(all.type(), dims);
          for (int i = 0; i < wanted.length; i++) {
            MemorySegment.copy(all.data(), wanted[i] * row, rows.segment(), i * row, row);
          }
          looked.put(name, rows);
        });
    seen = looked;
    sources = wanted;
  }

  private Map<String, HostBuffer> tokens(List<Line> lines, int known) {
    int count = lines.size();
    long[] last = lines.stream().mapToLong(line -> line.tokens()[known]).toArray();
    int[] lengths = new int[count];
    Arrays.fill(lengths, known);
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", HostBuffer.of(Tensor.ofLongs(last, count, 1)));
    inputs.put("seqlens_k", HostBuffer.of(Tensor.ofInts(lengths, count)));
    inputs.put("total_sequence_length", HostBuffer.of(Tensor.ofInts(new int[] {known + 1})));
    inputs.put(
        "logits_rows",
        HostBuffer.of(Tensor.ofLongs(IntStream.range(0, count).asLongStream().toArray(), count)));
    if (form.takesPositions()) {
      long[] places = new long[count];
      Arrays.fill(places, known);
      inputs.put("position_ids", HostBuffer.of(Tensor.ofLongs(places, count, 1)));
    }
    return inputs;
  }
}
