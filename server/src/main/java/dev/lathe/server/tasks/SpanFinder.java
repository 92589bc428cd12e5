package dev.lathe.server.tasks;

import dev.lathe.prepare.QuestionTokens;
import dev.lathe.prepare.QuestionTokens.Window;
import dev.lathe.prepare.SpanSearch;
import dev.lathe.prepare.Tokenizer.TextPair;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Answers a question with spans of texts, which are read through windows that overlap. */
final class SpanFinder {
  private static final int USUAL_WINDOW = 384;
  private static final int USUAL_STRIDE = 128;
  private static final int FEWEST_PLACES = 8;
  private static final int MOST_ANSWERS = 100;
  private static final int MOST_WINDOWS = 4096;

  private final TaskModel model;
  private final AnswerRequest request;
  private final List<Source> sources;
  private final SpanSearch.Limits limits;

  SpanFinder(TaskModel model, AnswerRequest request) {
    this.model = model;
    this.request = request;
    this.limits =
        new SpanSearch.Limits(
            Bounds.number("top", request.top(), 1, MOST_ANSWERS),
            Bounds.number(
                "max_answer_tokens",
                request.maxAnswerTokens(),
                SpanSearch.Limits.USUAL_LONGEST,
                1024));
    if (!model.gives("start_logits") || !model.gives("end_logits")) {
      throw model.isNo(
          "start_logits and end_logits, of a model for question-answering; or a text model with a"
              + " chat template");
    }
    refuse("max_tokens", request.maxTokens().isPresent());
    refuse("temperature", request.temperature().isPresent());
    this.sources = Source.of(request);
    Bounds.requireTimes("question", request.question().length(), sources.size());
  }

  private void refuse(String field, boolean given) {
    if (given) {
      throw Bounds.bad(
          field + ": " + model.name() + " marks spans (expected: " + field + " for text models)");
    }
  }

  /** The scores of a window's tokens as the first and as the last of an answer. */
  private record Ends(float[] starts, float[] ends) {}

  /** A text, how it is looked for in it, and its windows. */
  private record Looked(Source source, SpanSearch search, List<Window> windows) {}

  Answered answer(Runs runs) {
    SpanSearch.Sums sums = new SpanSearch.Sums();
    List<Looked> all = looked(sums);
    List<Ends> scores =
        new EncoderRows(model, runs)
            .run(
                all.stream().flatMap(one -> one.windows().stream()).map(Window::tokens).toList(),
                List.of("start_logits", "end_logits"),
                (_, given) -> new Ends(given.get("start_logits"), given.get("end_logits")));
    int next = 0;
    for (Looked one : all) {
      for (Window window : one.windows()) {
        Ends ends = scores.get(next++);
        one.search().add(window, ends.starts(), ends.ends());
      }
    }
    List<Answered.Answer> found =
        all.stream()
            .flatMap(one -> answers(one).stream())
            .sorted(Comparator.comparingDouble(Answered.Answer::score).reversed())
            .limit(limits.top())
            .toList();
    boolean noneLikelier = found.isEmpty() || sums.noAnswer() > found.getFirst().score();
    boolean nothing = request.allowNoAnswer().orElse(false) && noneLikelier;
    return Answered.of(
        model.version().model().toString(),
        model.version().version(),
        new Answered.Found(nothing ? List.of() : found, sums.noAnswer(), scores.size()));
  }

  private List<Looked> looked(SpanSearch.Sums sums) {
    List<Looked> all = new ArrayList<>();
    int windows = 0;
    for (Source source : sources) {
      QuestionTokens laid =
          QuestionTokens.of(model.tokenizer(), new TextPair(request.question(), source.text()))
              .orElseThrow(() -> model.isNo("a tokenizer that lays a question before a text"));
      SpanSearch search = new SpanSearch(laid, limits, sums);
      all.add(new Looked(source, search, windows(source, laid, MOST_WINDOWS - windows)));
      windows += all.getLast().windows().size();
    }
    return all;
  }

  private List<Answered.Answer> answers(Looked one) {
    Optional<String> id = request.documents().map(_ -> one.source().id());
    return one.search().answers(one.source().text()).stream()
        .map(
            found ->
                new Answered.Answer(found.text(), found.score(), found.start(), found.end(), id))
        .toList();
  }

  private List<Window> windows(Source source, QuestionTokens laid, int left) {
    int most =
        Math.min(
            model.longest(),
            Bounds.number("window", request.window(), USUAL_WINDOW, model.longest()));
    int room = most - laid.around();
    if (room < FEWEST_PLACES) {
      throw Bounds.bad(
          "question: "
              + laid.around()
              + " tokens with what stands around it (expected: at most "
              + (most - FEWEST_PLACES)
              + " in a window of "
              + most
              + ")");
    }
    int stride =
        Bounds.number("stride", request.stride(), Math.min(USUAL_STRIDE, room / 4), room - 1);
    if (laid.windowCount(room, stride) > left) {
      throw Bounds.bad(
          source.what()
              + ": "
              + laid.count()
              + " tokens (expected: at most "
              + MOST_WINDOWS
              + " windows of "
              + room
              + " in all texts)");
    }
    return laid.windows(room, stride);
  }
}
