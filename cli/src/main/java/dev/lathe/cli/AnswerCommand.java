package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Lathe;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds the answer to a question in a text. */
@Command(
    name = "answer",
    description = "Find the answer to a question in a text of any length.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe answer demo/qa 'Who wrote it?' --in article.txt",
      "  lathe answer demo/qa@prod 'When?' --in - --top 3 < article.txt",
      "  lathe answer demo/qa 'How many?' --text 'There are three of them.' --no-answer",
      "",
      "Each answer is shown with its probability and its place in the text, in characters."
    })
final class AnswerCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      index = "0",
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Parameters(index = "1", paramLabel = "QUESTION", description = "The question.")
  private String question = "";

  @Option(
      names = "--in",
      paramLabel = "FILE",
      defaultValue = "-",
      description = "The text, or - for standard input (default).")
  private String file = "-";

  @Option(names = "--text", paramLabel = "TEXT", description = "The text itself.")
  private @Nullable String text;

  @Option(names = "--top", paramLabel = "N", description = "How many answers to show (default: 1).")
  private @Nullable Integer top;

  @Option(
      names = "--no-answer",
      description = "Show nothing where it is more likely that the text has no answer.")
  private boolean noAnswer;

  AnswerCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      String given = text;
      AnswerRequest request =
          new AnswerRequest(
              Optional.of(model.version()),
              question,
              given == null ? TypedTexts.text(file, bench.in()) : given,
              Optional.ofNullable(top),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(noAnswer));
      Answered answered = lathe.texts().answer(model.model(), request);
      bench.answer(place, answered, () -> print(answered));
    }
    return 0;
  }

  private void print(Answered answered) {
    Screen screen = bench.screen();
    for (Answered.Answer each : answered.answers()) {
      String where =
          String.format(Locale.ROOT, "  %.4f  %d to %d", each.score(), each.start(), each.end());
      screen.line(screen.paint(Style.BOLD, each.text()) + screen.paint(Style.DIM, where));
    }
    if (answered.answers().isEmpty()) {
      screen.line(String.format(Locale.ROOT, "no answer in the text (%.4f)", answered.noAnswer()));
    }
  }
}
