package dev.lathe.generate.beam;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.transform.CachedDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Steps over a cache: the encoder runs once for a source, and each step computes one token of each
 * line, however long the lines are. Not safe for use by several threads.
 */
final class CachedJoint implements JointScores {
  private static final String PAST = "past_key_values.";

  private final CachedScores model;
  private final CachedDecoder form;
  private final Session decoder;
  private final SourceMemory memory = new SourceMemory();
  private final LineCache cache;

  CachedJoint(CachedScores model, CachedDecoder form, Session decoder) {
    this.model = model;
    this.form = form;
    this.decoder = decoder;
    this.cache = new LineCache(form);
  }

  @Override
  public void begin(Map<Integer, long[]> sources) {
    List<long[]> tokens = new ArrayList<>(sources.values());
    Map<String, Tensor> said = model.encode(tokens);
    int row = 0;
    for (int source : sources.keySet()) {
      memory.keep(source, said, row, tokens.get(row).length);
      row++;
    }
  }

  @Override
  public void end(int source) {
    memory.forget(source);
  }

  @Override
  public long bytes() {
    return cache.bytes() + memory.bytes();
  }

  @Override
  public Tensor after(List<Line> lines) {
    int count = lines.size();
    int[] known = lines.stream().mapToInt(line -> line.tokens().length - 1).toArray();
    cache.arrange(lines.stream().mapToInt(Line::parent).toArray(), known);
    Map<String, HostBuffer> inputs =
        new LinkedHashMap<>(memory.rows(lines.stream().mapToInt(Line::source).toArray()));
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

  private Map<String, HostBuffer> tokens(List<Line> lines, int[] known) {
    int count = lines.size();
    long[] last =
        lines.stream().mapToLong(line -> line.tokens()[line.tokens().length - 1]).toArray();
    int total = Arrays.stream(known).max().orElseThrow() + 1;
    Map<String, HostBuffer> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", HostBuffer.of(Tensor.ofLongs(last, count, 1)));
    inputs.put("seqlens_k", HostBuffer.of(Tensor.ofInts(known, count)));
    inputs.put("total_sequence_length", HostBuffer.of(Tensor.ofInts(new int[] {total})));
    inputs.put(
        "logits_rows",
        HostBuffer.of(Tensor.ofLongs(IntStream.range(0, count).asLongStream().toArray(), count)));
    if (form.takesPositions()) {
      long[] places = Arrays.stream(known).asLongStream().toArray();
      inputs.put("position_ids", HostBuffer.of(Tensor.ofLongs(places, count, 1)));
    }
    return inputs;
  }
}
