package dev.lathe.server.tasks;

import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer.TextPair;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Finds the span of a text that answers a question. The text is looked at through windows that
 * overlap; a span's score is the sum of the model's scores of its first and last token, and its
 * probability is against all spans of all windows and against no answer, whose score is that of the
 * first token where it is lowest.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, section 4.3</a>
 */
final class SpanFinder {
  private static final int USUAL_WINDOW = 384;
  private static final int USUAL_STRIDE = 128;
  private static final int USUAL_ANSWER = 30;
  private static final int FEWEST_PLACES = 8;
  private static final int MOST_ANSWERS = 100;
  private static final int MOST_WINDOWS = 4096;

  private final TaskModel model;
  private final AnswerRequest request;
  private final int top;
  private final int longest;

  SpanFinder(TaskModel model, AnswerRequest request) {
    this.model = model;
    this.request = request;
    this.top = Bounds.number("top", request.top(), 1, MOST_ANSWERS);
    this.longest =
        Bounds.number("max_answer_tokens", request.maxAnswerTokens(), USUAL_ANSWER, 1024);
    if (!model.gives("start_logits") || !model.gives("end_logits")) {
      throw model.isNo("start_logits and end_logits, of a model for question-answering");
    }
    Bounds.requireTexts("question", List.of(request.question()));
    Bounds.requireTexts("context", List.of(request.context()));
    if (request.context().isBlank() || request.question().isBlank()) {
      throw Bounds.bad("question and context (expected: both have text)");
    }
  }

  /** Question and text as tokens: the text's are those from a place on, so many. */
  private record Laid(Encoded all, int first, int count) {}

  /** Part of the text with the question before it: its tokens, and where its part begins. */
  private record Window(Encoded tokens, int from, int count) {}

  /** The scores of a window's tokens as the first and as the last of an answer. */
  private record Ends(float[] starts, float[] ends) {}

  /** A span of the text's tokens and its score. */
  private record Span(int first, int last, double score) {}

  Answered answer(Runs runs) {
    Laid laid = laid();
    List<Window> windows = windows(laid);
    List<Ends> scores =
        new EncoderRows(model, runs)
            .run(
                windows.stream().map(Window::tokens).toList(),
                List.of("start_logits", "end_logits"),
                (_, given) -> new Ends(given.get("start_logits"), given.get("end_logits")));
    double none = Double.POSITIVE_INFINITY;
    double all = Double.NEGATIVE_INFINITY;
    PriorityQueue<Span> best = new PriorityQueue<>(Comparator.comparingDouble(Span::score));
    for (int i = 0; i < windows.size(); i++) {
      Ends ends = scores.get(i);
      none = Math.min(none, (double) ends.starts()[0] + ends.ends()[0]);
      all = Numbers.logSum(all, collect(windows.get(i), laid.first(), ends, best));
    }
    all = Numbers.logSum(all, none);
    double noAnswer = Math.exp(none - all);
    List<Answered.Answer> answers = answers(best, laid, all);
    boolean nothing =
        request.allowNoAnswer().orElse(false)
            && (answers.isEmpty() || noAnswer > answers.getFirst().score());
    return new Answered(
        model.version().model().toString(),
        model.version().version(),
        nothing ? List.of() : answers,
        noAnswer,
        windows.size());
  }

  /** The text's tokens stand last in the pair, before what the template puts behind. */
  private Laid laid() {
    Encoded all =
        model
            .tokenizer()
            .encode(new TextPair(request.question(), request.context()), Specials.WITH);
    int[] own = model.tokenizer().encode(request.context(), Specials.WITHOUT).ids();
    for (int first = all.length() - own.length; first > 0 && own.length > 0; first--) {
      if (Arrays.equals(all.ids(), first, first + own.length, own, 0, own.length)) {
        return new Laid(all, first, own.length);
      }
    }
    throw model.isNo("a tokenizer that lays a question before a text");
  }

  private List<Window> windows(Laid laid) {
    int behind = laid.all().length() - laid.first() - laid.count();
    int most =
        Math.min(
            model.longest(),
            Bounds.number("window", request.window(), USUAL_WINDOW, model.longest()));
    int room = most - laid.first() - behind;
    if (room < FEWEST_PLACES) {
      throw Bounds.bad(
          "question: "
              + (laid.first() + behind)
              + " tokens with what stands around it (expected: at most "
              + (most - FEWEST_PLACES)
              + " in a window of "
              + most
              + ")");
    }
    int stride =
        Bounds.number("stride", request.stride(), Math.min(USUAL_STRIDE, room / 4), room - 1);
    List<Window> windows = new ArrayList<>();
    int from = 0;
    while (windows.isEmpty() || from + stride < laid.count()) {
      if (windows.size() == MOST_WINDOWS) {
        throw Bounds.bad(
            "context: "
                + laid.count()
                + " tokens (expected: at most "
                + MOST_WINDOWS
                + " windows of "
                + room
                + ")");
      }
      int count = Math.min(room, laid.count() - from);
      windows.add(new Window(cut(laid, from, count), from, count));
      from += room - stride;
    }
    return windows;
  }

  private static Encoded cut(Laid laid, int from, int count) {
    return new Encoded(
        cut(laid, laid.all().ids(), from, count),
        cut(laid, laid.all().types(), from, count),
        new int[0],
        new int[0]);
  }

  private static int[] cut(Laid laid, int[] values, int from, int count) {
    int behind = laid.first() + laid.count();
    int[] part = Arrays.copyOf(values, laid.first() + count + values.length - behind);
    System.arraycopy(values, laid.first() + from, part, laid.first(), count);
    System.arraycopy(values, behind, part, laid.first() + count, values.length - behind);
    return part;
  }

  /** Keeps the best spans of a window; the logarithm of the sum over all of its spans. */
  private double collect(Window window, int first, Ends ends, PriorityQueue<Span> best) {
    double sum = Double.NEGATIVE_INFINITY;
    int kept = 4 * top + 16;
    for (int i = 0; i < window.count(); i++) {
      for (int j = i; j < Math.min(window.count(), i + longest); j++) {
        double score = (double) ends.starts()[first + i] + ends.ends()[first + j];
        sum = Numbers.logSum(sum, score);
        if (best.size() < kept || score > best.element().score()) {
          best.add(new Span(window.from() + i, window.from() + j, score));
          if (best.size() > kept) {
            best.remove();
          }
        }
      }
    }
    return sum;
  }

  private List<Answered.Answer> answers(PriorityQueue<Span> best, Laid laid, double all) {
    List<Span> sorted = new ArrayList<>(best);
    sorted.sort(Comparator.comparingDouble(Span::score).reversed());
    int[] text = request.context().codePoints().toArray();
    Map<Long, Answered.Answer> places = new LinkedHashMap<>();
    for (Span span : sorted) {
      int start = laid.all().starts()[laid.first() + span.first()];
      int end = laid.all().ends()[laid.first() + span.last()];
      while (start > 0 && inWord(text, start - 1) && inWord(text, start)) {
        start--;
      }
      while (end < text.length && end > 0 && inWord(text, end - 1) && inWord(text, end)) {
        end++;
      }
      while (start < end && Character.isWhitespace(text[start])) {
        start++;
      }
      if (start < end && places.size() < top) {
        String words = new String(text, start, end - start);
        places.putIfAbsent(
            (long) start << 32 | end,
            new Answered.Answer(words, Math.exp(span.score() - all), start, end));
      }
    }
    return List.copyOf(places.values());
  }

  private static boolean inWord(int[] text, int place) {
    return Character.isLetterOrDigit(text[place]);
  }
}
