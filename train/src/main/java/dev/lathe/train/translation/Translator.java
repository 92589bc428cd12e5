package dev.lathe.train.translation;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.TrainError;
import dev.lathe.train.text.BytePairVocabulary;
import dev.lathe.train.text.GenerationConfig;
import dev.lathe.zoo.EncoderDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Translates greedily: the most probable next token, the first of equals, until the end or the
 * longest length. Sentences of like lengths are translated together; each is translated as it would
 * be alone, up to rounding. Not safe for use by several threads.
 */
public final class Translator implements AutoCloseable {
  private static final int TOGETHER = 100;
  private static final String SOURCE = "x";

  private final Session session;
  private final BytePairVocabulary vocabulary;
  private final GenerationConfig config;

  private Translator(Session session, BytePairVocabulary vocabulary, GenerationConfig config) {
    this.session = session;
    this.vocabulary = vocabulary;
    this.config = config;
  }

  /**
   * Loads what a release consists of.
   *
   * @param model inputs x INT64 [N, S] and previous INT64 [N, T], output y FLOAT [N, T, V]
   * @param files {@code tokenizer.json} and {@link GenerationConfig#FILE} as text
   * @param threads threads inside an operator
   * @return the translator; the caller closes it
   * @throws LatheException BAD_DATA for a file that is missing or cannot be read, INVALID for a
   *     model that cannot be loaded
   */
  public static Translator open(Model model, Map<String, String> files, int threads) {
    BytePairVocabulary vocabulary = BytePairVocabulary.parse(file(files, "tokenizer.json"));
    GenerationConfig config = GenerationConfig.parse(file(files, GenerationConfig.FILE));
    Session session = Session.open(choosing(model), SessionOptions.training(threads));
    return new Translator(session, vocabulary, config);
  }

  private static String file(Map<String, String> files, String name) {
    String text = files.get(name);
    if (text == null) {
      throw new LatheException(
          TrainError.BAD_DATA, "no " + name + " (found: " + files.keySet() + ")");
    }
    return text;
  }

  /** The model with one output: the best token after each target so far, INT64 [N]. */
  private static Model choosing(Model model) {
    Graph graph = model.graph();
    GraphBuilder builder = GraphBuilder.from(graph);
    String last = builder.add("Constant", Map.of("value", Attribute.of(Tensor.scalar(-1L))));
    String scores =
        builder.add(
            "Gather", Map.of("axis", Attribute.of(1L)), graph.outputs().getFirst().name(), last);
    String best =
        builder.add(
            "ArgMax", Map.of("axis", Attribute.of(1L), "keepdims", Attribute.of(0L)), scores);
    builder.clearOutputs();
    builder.output(best, ElementType.INT64, Shape.of(List.of(Dim.of("N"))));
    return model.withGraph(builder.build());
  }

  /**
   * Translates sentences.
   *
   * @param sources sentences; what is too long is cut
   * @return a translation for each
   */
  public List<String> translate(List<String> sources) {
    int[][] tokens = sources.stream().map(this::source).toArray(int[][]::new);
    List<Integer> order =
        IntStream.range(0, tokens.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> tokens[i].length))
            .toList();
    String[] translations = new String[tokens.length];
    for (int from = 0; from < order.size(); from += TOGETHER) {
      List<Sentence> together =
          order.subList(from, Math.min(order.size(), from + TOGETHER)).stream()
              .map(i -> new Sentence(i, tokens[i], new int[] {config.start()}))
              .toList();
      for (Sentence done : write(together)) {
        translations[done.index()] = vocabulary.decode(done.written());
      }
    }
    return List.of(translations);
  }

  private int[] source(String text) {
    int[] tokens = vocabulary.encode(text);
    return append(
        Arrays.copyOf(tokens, Math.min(tokens.length, config.length() - 1)), config.end());
  }

  private static int[] append(int[] tokens, int token) {
    int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
    longer[tokens.length] = token;
    return longer;
  }

  /** A sentence that is being translated: what was written so far begins with the start. */
  private record Sentence(int index, int[] source, int[] written) {
    Sentence with(int token) {
      return new Sentence(index, source, append(written, token));
    }
  }

  private List<Sentence> write(List<Sentence> sentences) {
    List<Sentence> done = new ArrayList<>();
    List<Sentence> open = sentences;
    while (!open.isEmpty()) {
      long[] next = next(open);
      List<Sentence> still = new ArrayList<>();
      for (int n = 0; n < next.length; n++) {
        int token = Math.toIntExact(next[n]);
        Sentence longer = token == config.end() ? open.get(n) : open.get(n).with(token);
        boolean ended = token == config.end() || longer.written().length >= config.length();
        (ended ? done : still).add(longer);
      }
      open = still;
    }
    return done;
  }

  private long[] next(List<Sentence> open) {
    Tensor source = lines(open.stream().map(Sentence::source).toList());
    Tensor written = lines(open.stream().map(Sentence::written).toList());
    return session
        .run(Map.of(SOURCE, source, EncoderDecoder.PREVIOUS, written))
        .values()
        .iterator()
        .next()
        .toLongs();
  }

  private Tensor lines(List<int[]> lines) {
    int longest = lines.stream().mapToInt(line -> line.length).max().orElseThrow();
    long[] all = new long[lines.size() * longest];
    Arrays.fill(all, config.pad());
    for (int n = 0; n < lines.size(); n++) {
      for (int i = 0; i < lines.get(n).length; i++) {
        all[n * longest + i] = lines.get(n)[i];
      }
    }
    return Tensor.ofLongs(all, lines.size(), longest);
  }

  @Override
  public void close() {
    session.close();
  }
}
