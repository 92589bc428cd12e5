package dev.lathe.generate.beam;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Scores of an encoder and a decoder without a cache: every step computes everything again. */
final class PlainScores implements SourceScores {
  private static final List<String> SOURCES = List.of("input_ids", "x");
  private static final List<String> TARGETS = List.of("decoder_input_ids", "previous");
  private static final String MASK = "attention_mask";
  private static final String SCORES = "next_scores";
  private static final int MOST_LINES = 128;

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

  static PlainScores open(Model model, int pad, SessionOptions options) {
    return new PlainScores(Session.open(lastOnly(model), options), pad);
  }

  /** Refuses a model that has not a source and a target, BAD_MODEL. */
  static void requireKnown(Model model) {
    List<String> inputs = model.graph().requiredInputs().stream().map(ValueInfo::name).toList();
    boolean known =
        inputs.stream()
            .allMatch(
                name -> SOURCES.contains(name) || TARGETS.contains(name) || MASK.equals(name));
    if (!known || !takes(inputs)) {
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
  }

  static boolean takes(List<String> inputs) {
    return !oneOf(inputs, SOURCES).isEmpty() && !oneOf(inputs, TARGETS).isEmpty();
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
    builder.append(Node.of("Identity", List.of(scores), List.of(named)));
    builder.clearOutputs();
    builder.output(named, ElementType.FLOAT, Shape.of(List.of(Dim.of("N"), dims.get(2))));
    return model.withGraph(builder.build());
  }

  @Override
  public int mostLines(int longest) {
    return MOST_LINES;
  }

  @Override
  public int context() {
    return Integer.MAX_VALUE;
  }

  @Override
  public long bytes() {
    return session.weightBytes();
  }

  @Override
  public JointScores joint() {
    return new Joint();
  }

  /** Lines of one length are computed together. */
  private final class Joint implements JointScores {
    private final Map<Integer, long[]> sources = new HashMap<>();

    @Override
    public void begin(Map<Integer, long[]> more) {
      sources.putAll(more);
    }

    @Override
    public void end(int source) {
      sources.remove(source);
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public Tensor after(List<Line> lines) {
      Map<Integer, List<Integer>> byLength =
          IntStream.range(0, lines.size())
              .boxed()
              .collect(Collectors.groupingBy(i -> lines.get(i).tokens().length));
      if (byLength.size() == 1) {
        return scores(lines);
      }
      float[][] rows = new float[lines.size()][];
      for (List<Integer> alike : byLength.values()) {
        Tensor scores = scores(alike.stream().map(lines::get).toList());
        float[] all = scores.toFloats();
        int width = all.length / alike.size();
        for (int i = 0; i < alike.size(); i++) {
          rows[alike.get(i)] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
        }
      }
      return joined(rows);
    }

    private Tensor joined(float[][] rows) {
      int width = rows[0].length;
      float[] all = new float[Math.multiplyExact(rows.length, width)];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(rows[i], 0, all, i * width, width);
      }
      return Tensor.ofFloats(all, rows.length, width);
    }

    private Tensor scores(List<Line> lines) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      List<long[]> own =
          lines.stream().map(line -> Objects.requireNonNull(sources.get(line.source()))).toList();
      inputs.put(source, SourceRows.filled(own, pad));
      if (masked) {
        inputs.put(MASK, SourceRows.present(own));
      }
      List<long[]> written =
          lines.stream()
              .map(line -> Arrays.stream(line.tokens()).asLongStream().toArray())
              .toList();
      inputs.put(target, SourceRows.filled(written, pad));
      return session.run(inputs).values().iterator().next();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
