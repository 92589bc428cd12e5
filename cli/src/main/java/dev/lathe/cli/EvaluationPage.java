package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.train.Evaluation;
import dev.lathe.train.Evaluation.ClassScore;
import java.util.List;
import java.util.Locale;

/**
 * How well each class is told, on the terminal, and what it is taken for. With many classes there
 * is no room for it; then it is in the version's file.
 *
 * @param evaluation what was measured
 * @param screen where to show it
 */
record EvaluationPage(Evaluation evaluation, Screen screen) {
  private static final int MOST_CLASSES = 20;
  private static final int LABEL = 12;

  /** Shows the last of several: the test, where there was one. */
  static void print(List<Evaluation> evaluations, Screen screen) {
    if (!evaluations.isEmpty()) {
      new EvaluationPage(evaluations.getLast(), screen).print();
    }
  }

  private void print() {
    int classes = Math.max(evaluation.classes().size(), evaluation.confusion().size());
    if (classes > MOST_CLASSES) {
      screen.line("");
      screen.line(classes + " classes on the " + evaluation.part() + " part: " + Evaluation.FILE);
      return;
    }
    if (!evaluation.classes().isEmpty()) {
      printClasses();
    }
    if (!evaluation.confusion().isEmpty()) {
      printConfusion();
    }
  }

  private void printClasses() {
    Table table =
        new Table(
            evaluation.part().toUpperCase(Locale.ROOT), "PRECISION", "RECALL", "F1", "EXAMPLES");
    for (ClassScore score : evaluation.classes()) {
      table.row(
          shortened(score.label()),
          number(score.precision()),
          number(score.recall()),
          number(score.f1()),
          Long.toString(score.examples()));
    }
    screen.line("");
    table.lines().forEach(screen::line);
  }

  private void printConfusion() {
    int classes = evaluation.confusion().size();
    String[] heading = new String[classes + 1];
    heading[0] = "TAKEN FOR";
    for (int k = 0; k < classes; k++) {
      heading[k + 1] = label(k);
    }
    Table table = new Table(heading);
    for (int k = 0; k < classes; k++) {
      String[] row = new String[classes + 1];
      row[0] = label(k);
      for (int i = 0; i < classes; i++) {
        row[i + 1] = count(k, i);
      }
      table.row(row);
    }
    screen.line("");
    table.lines().forEach(screen::line);
  }

  private String label(int place) {
    return place < evaluation.classes().size()
        ? shortened(evaluation.classes().get(place).label())
        : Integer.toString(place);
  }

  private String count(int target, int answer) {
    long count = evaluation.confusion().get(target).get(answer);
    Style style = target == answer ? Style.GOOD : count == 0 ? Style.DIM : Style.PLAIN;
    return screen.paint(style, Long.toString(count));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String shortened(String label) {
    return label.length() <= LABEL ? label : label.substring(0, LABEL - 1) + "…";
  }
}
