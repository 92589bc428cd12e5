package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.NextScores;
import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Scores of an encoder and a decoder without a cache: every step computes everything again. */
public final class PlainScores implements AutoCloseable {
  private static final List<String> SOURCES = List.of("input_ids", "x");
  private static final List<String> TARGETS = List.of("decoder_input_ids", "previous");
  private static final String MASK = "attention_mask";
  private static final String SCORES = "next_scores";

  private final Session session;
  private final String source;
  private final String target;
  private final boolean masked;
  private final int pad;

  private PlainScores(Session session, int pad) {
    List<String> inputs = session.inputs().stream().map(ValueInfo::name).toList();
    this.session = session;
    this.source = oneOf(inputs, SOURCES);
    this.target = oneOf(inputs, TARGETS);
    this.masked = inputs.contains(MASK);
    this.pad = pad;
  }

  /**
   * Loads a model.
   *
   * @param model in plain form
   * @param pad the token that fills up sources
   * @param options how it uses the machine
   * @return the scores; the caller closes them
   * @throws LatheException BAD_MODEL for other inputs and outputs
   */
  public static PlainScores open(Model model, int pad, SessionOptions options) {
    List<String> inputs = model.graph().requiredInputs().stream().map(ValueInfo::name).toList();
    boolean known =
        inputs.stream()
            .allMatch(
                name -> SOURCES.contains(name) || TARGETS.contains(name) || MASK.equals(name));
    if (!known || oneOf(inputs, SOURCES).isEmpty() || oneOf(inputs, TARGETS).isEmpty()) {
      throw new LatheException(
          GenerateError.BAD_MODEL,
          "inputs "
              + inputs
              + " (expected: a source, one of "
              + SOURCES
              + ", a target, one of "
              + TARGETS
              + ", and perhaps "
              + MASK
              + ")");
    }
    return new PlainScores(Session.open(lastOnly(model), options), pad);
  }

  private static String oneOf(List<String> inputs, List<String> names) {
    Optional<String> found = names.stream().filter(inputs::contains).findFirst();
    return found.orElse("");
  }

  /** The model with the scores behind the last token only, FLOAT [N, V]. */
  private static Model lastOnly(Model model) {
    Graph graph = model.graph();
    List<Dim> dims = graph.outputs().getFirst().tensorType().shape().dims();
    if (dims.size() != 3) {
      throw new LatheException(
          GenerateError.BAD_MODEL,
          "output \""
              + graph.outputs().getFirst().name()
              + "\": "
              + graph.outputs().getFirst().type()
              + " (expected: FLOAT [N, T, V])");
    }
    GraphBuilder builder = GraphBuilder.from(graph);
    String last = builder.add("Constant", Map.of("value", Attribute.of(Tensor.scalar(-1L))));
    String scores =
        builder.add(
            "Gather", Map.of("axis", Attribute.of(1L)), graph.outputs().getFirst().name(), last);
    String named = builder.fresh(SCORES);
    builder.append(dev.lathe.ir.Node.of("Identity", List.of(scores), List.of(named)));
    builder.clearOutputs();
    builder.output(named, ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), dims.get(2))));
    return model.withGraph(builder.build());
  }

  /**
   * The scores for some sources.
   *
   * @param sources the tokens of each
   * @return scores of what is written for them
   */
  public NextScores of(List<long[]> sources) {
    return lines -> {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      List<long[]> own = lines.stream().map(line -> sources.get(line.source())).toList();
      inputs.put(source, filled(own, pad));
      if (masked) {
        List<long[]> ones =
            own.stream()
                .map(
                    tokens -> {
                      long[] mask = new long[tokens.length];
                      Arrays.fill(mask, 1);
                      return mask;
                    })
                .toList();
        inputs.put(MASK, filled(ones, 0));
      }
      inputs.put(
          target,
          filled(
              lines.stream()
                  .map(line -> Arrays.stream(line.tokens()).asLongStream().toArray())
                  .toList(),
              pad));
      return session.run(inputs).values().iterator().next();
    };
  }

  private static Tensor filled(List<long[]> rows, long filler) {
    int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    long[] all = new long[Math.multiplyExact(rows.size(), longest)];
    Arrays.fill(all, filler);
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * longest, rows.get(i).length);
    }
    return Tensor.ofLongs(all, rows.size(), longest);
  }

  @Override
  public void close() {
    session.close();
  }
}
