package dev.lathe.train.spans;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.prepare.QuestionTokens.Window;
import dev.lathe.prepare.SpanSearch;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.train.data.Questions.Question;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers questions with a model's most probable span, or with none. Windows are read together;
 * each is read as it would be alone, up to rounding. Not safe for use by several threads.
 */
public final class SpanReader implements AutoCloseable {
  private static final int TOGETHER = 32;
  private static final List<String> ENDS = List.of("start_logits", "end_logits");

  private final Session session;
  private final List<String> inputs;

  private SpanReader(Session session, List<String> inputs) {
    this.session = session;
    this.inputs = inputs;
  }

  /** Whether an answer may be that there is none. */
  public enum NoAnswer {
    /** The best span is taken, however improbable. */
    NEVER,
    /** No answer is given where that is more probable than the best span. */
    ALLOWED
  }

  /**
   * Loads a model.
   *
   * @param model inputs INT64 [N, T]: tokens, attention_mask, and token_type_ids if it has them;
   *     outputs start_logits and end_logits FLOAT [N, T]
   * @param threads threads inside an operator
   * @return the reader; the caller closes it
   */
  public static SpanReader open(Model model, int threads) {
    List<String> inputs = model.graph().requiredInputs().stream().map(ValueInfo::name).toList();
    return new SpanReader(Session.open(model, SessionOptions.training(threads)), inputs);
  }

  /**
   * Answers a question.
   *
   * @param question its windows
   * @param none whether there may be no answer
   * @return the words; empty for no answer
   */
  public String answer(Question question, NoAnswer none) {
    SpanSearch search =
        new SpanSearch(question.laid(), new SpanSearch.Limits(1, SpanSearch.Limits.USUAL_LONGEST));
    List<Window> windows = question.windows();
    for (int from = 0; from < windows.size(); from += TOGETHER) {
      read(windows.subList(from, Math.min(windows.size(), from + TOGETHER)), search);
    }
    List<SpanSearch.Found> found = search.answers(question.context());
    boolean nothing =
        switch (none) {
          case NEVER -> found.isEmpty();
          case ALLOWED -> search.isNoneLikelier(found);
        };
    return nothing ? "" : found.getFirst().text();
  }

  private void read(List<Window> windows, SpanSearch search) {
    int length = windows.stream().mapToInt(window -> window.tokens().length()).max().orElseThrow();
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (String input : inputs) {
      long[] all = new long[windows.size() * length];
      for (int row = 0; row < windows.size(); row++) {
        int[] values = values(input, windows.get(row));
        for (int i = 0; i < values.length; i++) {
          all[row * length + i] = values[i];
        }
      }
      given.put(input, Tensor.ofLongs(all, windows.size(), length));
    }
    Map<String, Tensor> scores = session.run(given);
    float[] starts = scores.get(ENDS.get(0)).toFloats();
    float[] ends = scores.get(ENDS.get(1)).toFloats();
    for (int row = 0; row < windows.size(); row++) {
      search.add(
          windows.get(row),
          Arrays.copyOfRange(starts, row * length, (row + 1) * length),
          Arrays.copyOfRange(ends, row * length, (row + 1) * length));
    }
  }

  private static int[] values(String input, Window window) {
    int[] ids = window.tokens().ids();
    return switch (input) {
      case "attention_mask" -> Arrays.stream(ids).map(_ -> 1).toArray();
      case "token_type_ids" -> window.tokens().types();
      default -> ids;
    };
  }

  @Override
  public void close() {
    session.close();
  }
}
