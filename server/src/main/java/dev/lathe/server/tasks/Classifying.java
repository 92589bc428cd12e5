package dev.lathe.server.tasks;

import dev.lathe.ir.Tensor;
import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer.TextPair;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Classes of texts, or of their tokens.
 *
 * @param model the model
 * @param request the texts and how
 * @param runs runs the model
 */
record Classifying(TaskModel model, ClassifyRequest request, Runs runs) {
  private static final String LOGITS = "logits";

  /** What token classifiers give that were trained here. */
  private static final String PROBABILITIES = "probabilities";

  private static final String PLACE = "{}";
  private static final int MOST_LABELS = 256;
  private static final int LONGEST_WORDS = 2048;

  List<Classified.Row> rows() {
    Bounds.requireTexts("texts", request.texts());
    request.pairs().ifPresent(pairs -> requirePairs(pairs));
    if (request.labels().isPresent()) {
      return unseen(request.labels().get());
    }
    String output = model.gives(LOGITS) ? LOGITS : PROBABILITIES;
    int axes = model.axes(output);
    if (axes != 2 && axes != 3 || isWriter()) {
      throw model.isNo("logits of classes, of a model for text- or token-classification");
    }
    List<Encoded> texts =
        IntStream.range(0, request.texts().size()).mapToObj(this::encoded).toList();
    return new EncoderRows(model, runs)
        .run(
            texts,
            List.of(output),
            (i, given) -> {
              float[] scores = given.get(output);
              return axes == 2
                  ? new Classified.Row(sorted(applied(scores), names(scores.length)), List.of())
                  : new Classified.Row(List.of(), spans(i, texts.get(i), scores));
            });
  }

  /** Whether the model's numbers are scores of next or hidden tokens, not of classes. */
  private boolean isWriter() {
    String task = model.version().metadata().task();
    return List.of("text-generation", "text2text-generation", "fill-mask").contains(task);
  }

  private void requirePairs(List<String> pairs) {
    Bounds.requireTexts("pairs", pairs);
    if (pairs.size() != request.texts().size()) {
      throw Bounds.bad(
          "pairs: " + pairs.size() + " (expected: " + request.texts().size() + ", one a text)");
    }
  }

  private Encoded encoded(int i) {
    String text = request.texts().get(i);
    Encoded encoded =
        request
            .pairs()
            .map(pairs -> model.tokenizer().encode(new TextPair(text, pairs.get(i)), Specials.WITH))
            .orElseGet(() -> model.encode(text));
    return model.requireFit(encoded, "text " + i);
  }

  /** What makes probabilities of scores, by the request or as the model was trained. */
  private String function(int classes) {
    String problem = model.files().config().path("problem_type").asString("");
    String usual =
        switch (problem) {
          case "regression" -> "none";
          case "multi_label_classification" -> "sigmoid";
          default -> classes == 1 ? "sigmoid" : "softmax";
        };
    String asked = request.function().map(word -> word.toLowerCase(Locale.ROOT)).orElse(usual);
    if (!List.of("softmax", "sigmoid", "none").contains(asked)) {
      throw Bounds.bad("function: \"" + asked + "\" (expected: softmax, sigmoid or none)");
    }
    return asked;
  }

  private double[] applied(float[] scores) {
    return switch (function(scores.length)) {
      case "softmax" -> Numbers.softmax(scores, 0, scores.length);
      case "sigmoid" ->
          IntStream.range(0, scores.length).mapToDouble(k -> Numbers.sigmoid(scores[k])).toArray();
      default -> IntStream.range(0, scores.length).mapToDouble(k -> scores[k]).toArray();
    };
  }

  private List<Classified.Score> sorted(double[] scores, List<String> names) {
    int top = Bounds.number("top", request.top(), scores.length, 1 << 20);
    return IntStream.range(0, scores.length)
        .mapToObj(k -> new Classified.Score(names.get(k), scores[k]))
        .sorted(Comparator.comparingDouble(Classified.Score::score).reversed())
        .limit(top)
        .toList();
  }

  private List<String> names(int count) {
    List<String> told = model.labels();
    return told.size() == count
        ? told
        : IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  /** Scores of tokens as parts of the text: neighbours of one class, without what has none. */
  private List<Classified.Span> spans(int row, Encoded text, float[] scores) {
    int count = scores.length / Math.max(1, text.length());
    TokenSpans spans = new TokenSpans(request.texts().get(row), names(count));
    for (int i = 0; i < text.length(); i++) {
      double[] each = ofToken(scores, i * count, count);
      int best = 0;
      for (int k = 1; k < count; k++) {
        best = each[k] > each[best] ? k : best;
      }
      spans.add(text.starts()[i], text.ends()[i], best, each[best]);
    }
    return spans.found();
  }

  private double[] ofToken(float[] scores, int from, int count) {
    if (model.gives(LOGITS)) {
      return Numbers.softmax(scores, from, count);
    }
    return IntStream.range(from, from + count).mapToDouble(k -> scores[k]).toArray();
  }

  /** Classes that the model does not know, by whether a sentence about each follows. */
  private List<Classified.Row> unseen(List<String> labels) {
    String hypothesis = request.hypothesis().orElse("This example is {}.");
    requireFew(labels, hypothesis);
    List<String> known =
        model.labels().stream().map(label -> label.toLowerCase(Locale.ROOT)).toList();
    int follows =
        IntStream.range(0, known.size())
            .filter(k -> known.get(k).startsWith("entail"))
            .findFirst()
            .orElseThrow(() -> model.isNo("a class entailment, of a model of pairs"));
    List<Encoded> pairs = new ArrayList<>();
    for (int i = 0; i < request.texts().size(); i++) {
      for (String label : labels) {
        TextPair pair = new TextPair(request.texts().get(i), hypothesis.replace(PLACE, label));
        pairs.add(model.requireFit(model.tokenizer().encode(pair, Specials.WITH), "text " + i));
      }
    }
    List<Float> given =
        new EncoderRows(model, runs)
            .run(pairs, List.of(LOGITS), (_, one) -> one.get(LOGITS)[follows]);
    List<Classified.Row> rows = new ArrayList<>();
    for (int i = 0; i < request.texts().size(); i++) {
      float[] scores = new float[labels.size()];
      for (int k = 0; k < scores.length; k++) {
        scores[k] = given.get(i * scores.length + k);
      }
      double[] probabilities = Numbers.softmax(scores, 0, scores.length);
      rows.add(new Classified.Row(sorted(probabilities, labels), List.of()));
    }
    return rows;
  }

  /** Each text is read with a sentence about each label: as many in all as texts may be. */
  private void requireFew(List<String> labels, String hypothesis) {
    if (labels.isEmpty() || labels.size() > MOST_LABELS) {
      throw Bounds.bad("labels: " + labels.size() + " (expected: 1 to " + MOST_LABELS + ")");
    }
    for (int k = 0; k < labels.size(); k++) {
      Bounds.requireShort("label " + k, labels.get(k), LONGEST_WORDS);
    }
    Bounds.requireShort("hypothesis", hypothesis, LONGEST_WORDS);
    int place = hypothesis.indexOf(PLACE);
    if (place < 0 || hypothesis.indexOf(PLACE, place + PLACE.length()) >= 0) {
      throw Bounds.bad("hypothesis: \"" + hypothesis + "\" (expected: one with {} in it, once)");
    }
    int texts = request.texts().size();
    if (texts * labels.size() > Bounds.MOST_TEXTS) {
      throw Bounds.bad(
          "labels: "
              + labels.size()
              + " for each of "
              + texts
              + " texts (expected: at most "
              + Bounds.MOST_TEXTS
              + " pairs of both)");
    }
    long characters = request.texts().stream().mapToLong(String::length).sum();
    Bounds.requireTimes("texts", characters, labels.size());
  }

  /** What a version says that takes texts itself, by steps of its own. */
  List<Classified.Row> ofPipeline(Map<String, Tensor> outputs) {
    Tensor scores = outputs.get("probabilities");
    if (scores == null || scores.rank() != 2) {
      throw model.isNo("probabilities of classes");
    }
    int count = Math.toIntExact(scores.dim(1));
    List<Classified.Row> rows = new ArrayList<>();
    for (int i = 0; i < scores.dim(0); i++) {
      double[] each = new double[count];
      for (int k = 0; k < count; k++) {
        each[k] = scores.doubleAt((long) i * count + k);
      }
      rows.add(new Classified.Row(sorted(each, names(count)), List.of()));
    }
    return rows;
  }
}
