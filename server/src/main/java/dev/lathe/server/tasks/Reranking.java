package dev.lathe.server.tasks;

import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer.TextPair;
import dev.lathe.server.RerankRequest;
import dev.lathe.server.Reranked;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How well documents fit a query: what a model of pairs with one label says of each, or the cosine
 * between the vectors of a model of features.
 *
 * @param model the model
 * @param request the query and the documents
 * @param runs runs the model
 */
record Reranking(TaskModel model, RerankRequest request, Runs runs) {
  private static final String LOGITS = "logits";

  /** The room that a document must have: a query that fills everything would make all equal. */
  private static final int FEWEST_PLACES = 8;

  Reranked results() {
    Bounds.requireTexts("query", List.of(request.query()));
    Bounds.requireTexts("documents", request.documents());
    Bounds.requireTimes("query", request.query().length(), request.documents().size());
    int top = Bounds.number("top", request.top(), request.documents().size(), Bounds.MOST_TEXTS);
    List<Encoded> texts = model.gives("last_hidden_state") ? apart() : pairs();
    double[] scores = model.gives("last_hidden_state") ? cosines(texts) : said(texts);
    List<Reranked.Result> results =
        IntStream.range(0, scores.length)
            .mapToObj(i -> new Reranked.Result(i, scores[i]))
            .sorted(Comparator.comparingDouble(Reranked.Result::score).reversed())
            .limit(top)
            .toList();
    return new Reranked(
        model.version().model().toString(),
        model.version().version(),
        results,
        texts.stream().mapToInt(Encoded::length).sum());
  }

  private List<Encoded> pairs() {
    int around =
        model.tokenizer().encode(new TextPair(request.query(), ""), Specials.WITH).length();
    if (around + FEWEST_PLACES > model.longest()) {
      throw Bounds.bad(
          "query: "
              + around
              + " tokens with what stands around it (expected: at most "
              + (model.longest() - FEWEST_PLACES)
              + ", which leaves room for a document in the "
              + model.longest()
              + " that "
              + model.name()
              + " takes)");
    }
    List<Encoded> pairs = new ArrayList<>();
    for (String document : request.documents()) {
      TextPair pair = new TextPair(request.query(), document);
      pairs.add(cut(model.tokenizer().encode(pair, Specials.WITH)));
    }
    return pairs;
  }

  /** The query, then the documents. */
  private List<Encoded> apart() {
    List<Encoded> texts = new ArrayList<>();
    texts.add(model.requireFit(model.encode(request.query()), "query"));
    request.documents().forEach(document -> texts.add(cut(model.encode(document))));
    return texts;
  }

  /** Without what is too much at the end of the text, the last token kept: it closes the text. */
  private Encoded cut(Encoded whole) {
    int longest = model.longest();
    if (whole.length() <= longest) {
      return whole;
    }
    return new Encoded(
        cut(whole.ids(), longest), cut(whole.types(), longest), new int[0], new int[0]);
  }

  private static int[] cut(int[] values, int longest) {
    int[] kept = Arrays.copyOf(values, longest);
    kept[longest - 1] = values[values.length - 1];
    return kept;
  }

  private double[] said(List<Encoded> pairs) {
    if (model.axes(LOGITS) != 2) {
      throw model.isNo("logits of pairs, or last_hidden_state");
    }
    return new EncoderRows(model, runs)
        .run(pairs, List.of(LOGITS), (_, given) -> one(given.get(LOGITS))).stream()
            .mapToDouble(Double::doubleValue)
            .toArray();
  }

  private double one(float[] logits) {
    if (logits.length != 1) {
      throw model.isNo("logits of one label, not " + logits.length);
    }
    return Numbers.sigmoid(logits[0]);
  }

  private double[] cosines(List<Encoded> texts) {
    Embedding how = Embedding.of(model, Optional.empty(), Optional.of(true));
    List<double[]> vectors = how.vectors(model, runs, texts).stream().map(Embedding::unit).toList();
    return vectors.stream()
        .skip(1)
        .mapToDouble(vector -> product(vectors.getFirst(), vector))
        .toArray();
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int d = 0; d < one.length; d++) {
      sum += one[d] * other[d];
    }
    return sum;
  }
}
