package dev.lathe.server.tasks;

import dev.lathe.prepare.QuestionTokens;
import dev.lathe.prepare.SpanSearch;
import dev.lathe.prepare.Tokenizer.TextPair;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import java.util.List;

/** Answers a question with spans of a text, which is read through windows that overlap. */
final class SpanFinder {
  private static final int USUAL_WINDOW = 384;
  private static final int USUAL_STRIDE = 128;
  private static final int FEWEST_PLACES = 8;
  private static final int MOST_ANSWERS = 100;
  private static final int MOST_WINDOWS = 4096;

  private final TaskModel model;
  private final AnswerRequest request;
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
      throw model.isNo("start_logits and end_logits, of a model for question-answering");
    }
    Bounds.requireTexts("question", List.of(request.question()));
    Bounds.requireTexts("context", List.of(request.context()));
    if (request.context().isBlank() || request.question().isBlank()) {
      throw Bounds.bad("question and context (expected: both have text)");
    }
  }

  /** The scores of a window's tokens as the first and as the last of an answer. */
  private record Ends(float[] starts, float[] ends) {}

  Answered answer(Runs runs) {
    QuestionTokens laid =
        QuestionTokens.of(model.tokenizer(), new TextPair(request.question(), request.context()))
            .orElseThrow(() -> model.isNo("a tokenizer that lays a question before a text"));
    List<QuestionTokens.Window> windows = windows(laid);
    List<Ends> scores =
        new EncoderRows(model, runs)
            .run(
                windows.stream().map(QuestionTokens.Window::tokens).toList(),
                List.of("start_logits", "end_logits"),
                (_, given) -> new Ends(given.get("start_logits"), given.get("end_logits")));
    SpanSearch search = new SpanSearch(laid, limits);
    for (int i = 0; i < windows.size(); i++) {
      search.add(windows.get(i), scores.get(i).starts(), scores.get(i).ends());
    }
    List<SpanSearch.Found> found = search.answers(request.context());
    boolean nothing = request.allowNoAnswer().orElse(false) && search.isNoneLikelier(found);
    return new Answered(
        model.version().model().toString(),
        model.version().version(),
        nothing ? List.of() : found.stream().map(SpanFinder::answer).toList(),
        search.noAnswer(),
        windows.size());
  }

  private static Answered.Answer answer(SpanSearch.Found found) {
    return new Answered.Answer(found.text(), found.score(), found.start(), found.end());
  }

  private List<QuestionTokens.Window> windows(QuestionTokens laid) {
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
    if (laid.windowCount(room, stride) > MOST_WINDOWS) {
      throw Bounds.bad(
          "context: "
              + laid.count()
              + " tokens (expected: at most "
              + MOST_WINDOWS
              + " windows of "
              + room
              + ")");
    }
    return laid.windows(room, stride);
  }
}
