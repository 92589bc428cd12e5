package dev.lathe.train.data;

import dev.lathe.prepare.QuestionTokens;
import java.util.List;

/**
 * Questions as windows with the places of both ends of their answers, and as they were asked, for
 * what is answered in the end.
 *
 * @param windows what a network sees
 * @param asked the questions; empty for what is learned from only
 */
public record Questions(Part windows, List<Question> asked) implements Part {
  /**
   * A question, its windows, and what people answered.
   *
   * @param laid question and context as tokens
   * @param windows the context's windows
   * @param context the text
   * @param answers right answers; empty if the text has none
   */
  public record Question(
      QuestionTokens laid,
      List<QuestionTokens.Window> windows,
      String context,
      List<String> answers) {
    /** Copies the lists. */
    public Question {
      windows = List.copyOf(windows);
      answers = List.copyOf(answers);
    }
  }

  /** Copies the list. */
  public Questions {
    asked = List.copyOf(asked);
  }

  @Override
  public int size() {
    return windows.size();
  }

  @Override
  public int vocabulary() {
    return windows.vocabulary();
  }

  @Override
  public List<Column> columns() {
    return windows.columns();
  }

  @Override
  public Cursor inOrder() {
    return windows.inOrder();
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    return windows.shuffled(seed, epoch);
  }

  @Override
  public boolean isInMemory() {
    return windows.isInMemory();
  }
}
