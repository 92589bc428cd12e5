package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.train.CancelToken;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.data.Questions;
import dev.lathe.train.spans.SpanReader;
import dev.lathe.train.spans.SpanReader.NoAnswer;
import dev.lathe.train.spans.SquadScore;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answers the questions of the validation and test parts with what will be released, by the rules
 * that it will answer by, and compares with what people answered.
 *
 * @param data the data of a run
 * @param threads threads inside an operator
 * @param cancel asks for a stop, which is looked at before each question
 */
record SpanAnswers(PreparedData data, int threads, CancelToken cancel) {
  /**
   * Answers and judges.
   *
   * @param model the model to release
   * @return exact match and F1, 0 to 1; nothing where there are no questions to answer
   * @throws LatheException CANCELLED
   */
  Map<String, Double> measure(Model model) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (data.train() instanceof Questions) {
      try (SpanReader reader = SpanReader.open(model, threads)) {
        metrics.putAll(measure(reader, "validation", data.validation(), Integer.MAX_VALUE));
        metrics.putAll(measure(reader, "test", data.test(), Integer.MAX_VALUE));
      }
    }
    return metrics;
  }

  /**
   * Answers the first questions of the validation part and judges.
   *
   * @param model a model as it would be released
   * @param most how many questions
   * @return exact match and F1, 0 to 1; nothing where there are no questions to answer
   * @throws LatheException CANCELLED
   */
  Map<String, Double> validate(Model model, int most) {
    if (!(data.validation() instanceof Questions)) {
      return Map.of();
    }
    try (SpanReader reader = SpanReader.open(model, threads)) {
      return measure(reader, "validation", data.validation(), most);
    }
  }

  private Map<String, Double> measure(SpanReader reader, String name, Part part, int most) {
    if (!(part instanceof Questions questions) || questions.asked().isEmpty()) {
      return Map.of();
    }
    boolean some = questions.asked().stream().anyMatch(one -> one.answers().isEmpty());
    NoAnswer none = some ? NoAnswer.ALLOWED : NoAnswer.NEVER;
    SquadScore score = new SquadScore();
    for (Questions.Question one :
        questions.asked().subList(0, Math.min(most, questions.asked().size()))) {
      cancel.requireWanted("answering the questions of the " + name + " part");
      score.add(reader.answer(one, none), one.answers());
    }
    return Map.of(name + "_exact_match", score.exactMatch(), name + "_f1", score.f1());
  }
}
