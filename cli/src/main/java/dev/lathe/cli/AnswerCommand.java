package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.AnswerRequest;
import dev.lathe.server.Answered;
import dev.lathe.server.Lathe;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers a question from texts. */
@Command(
    name = "answer",
    description = {
      "Answer a question from texts: a model that marks spans finds the answer in them, a model"
          + " that",
      "chats writes it from them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe answer demo/qa 'Who wrote it?' --in article.txt",
      "  lathe answer demo/qa@prod 'When?' --in - --top 3 < article.txt",
      "  lathe answer demo/qa 'How many?' --text 'There are three of them.' --no-answer",
      "  lathe answer demo/chat 'Why is it blue?' --document sky.txt --document sea.txt",
      "",
      "An answer that is found is shown with its probability and its place in the text, in",
      "characters; one that is written with the passages of it that stand in a text."
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
      description = "The text, or - for standard input (default where no other text is given).")
  private @Nullable String file;

  @Option(names = "--text", paramLabel = "TEXT", description = "The text itself.")
  private @Nullable String text;

  @Option(
      names = "--document",
      paramLabel = "FILE",
      description = "Another text, called by the file's name; may be given several times.")
  private List<String> documents = List.of();

  @Option(names = "--top", paramLabel = "N", description = "How many answers to show (default: 1).")
  private @Nullable Integer top;

  @Option(
      names = "--no-answer",
      description = "Show nothing where it is more likely that the text has no answer.")
  private boolean noAnswer;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "The most tokens of an answer that is written.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 (default) writes the same answer every time, more varies it.")
  private @Nullable Double temperature;

  AnswerCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      AnswerRequest request =
          new AnswerRequest(
              Optional.of(model.version()),
              question,
              context(),
              Optional.ofNullable(top),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              noAnswer ? Optional.of(true) : Optional.empty(),
              documents.isEmpty() ? Optional.empty() : Optional.of(read()),
              Optional.ofNullable(maxTokens),
              Optional.ofNullable(temperature));
      Answered answered = lathe.texts().answer(model.model(), request);
      bench.answer(place, answered, () -> print(answered));
    }
    return 0;
  }

  private Optional<String> context() {
    String given = text;
    String from = file;
    if (given != null) {
      return Optional.of(given);
    }
    if (from == null && !documents.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(TypedTexts.text(from == null ? "-" : from, bench.in()));
  }

  private List<AnswerRequest.Document> read() {
    return documents.stream()
        .map(
            name ->
                new AnswerRequest.Document(Optional.of(name), TypedTexts.text(name, bench.in())))
        .toList();
  }

  private void print(Answered answered) {
    answered.answer().ifPresentOrElse(text -> printWritten(text, answered), () -> found(answered));
  }

  private void found(Answered answered) {
    Screen screen = bench.screen();
    for (Answered.Answer each : answered.spans()) {
      String where =
          String.format(Locale.ROOT, "  %.4f  %d to %d", each.score(), each.start(), each.end())
              + each.document().map(id -> " of " + id).orElse("");
      screen.line(screen.paint(Style.BOLD, each.text()) + screen.paint(Style.DIM, where));
    }
    if (answered.spans().isEmpty()) {
      double none = answered.noAnswer().orElse(1.0);
      screen.line(String.format(Locale.ROOT, "no answer in the text (%.4f)", none));
    }
  }

  private void printWritten(String answer, Answered answered) {
    Screen screen = bench.screen();
    screen.line(screen.paint(Style.BOLD, answer.strip()));
    for (Answered.Quote quote : answered.quotes().orElse(List.of())) {
      String where = "  %d to %d of %s".formatted(quote.start(), quote.end(), quote.document());
      screen.line("\"" + quote.text() + "\"" + screen.paint(Style.DIM, where));
    }
    if (answered.finishReason().equals(Optional.of("length"))) {
      screen.line("cut at its most tokens (--max-tokens allows more)");
    }
    List<String> dropped = answered.dropped().orElse(List.of());
    if (!dropped.isEmpty()) {
      screen.line("not read, for want of room: " + String.join(", ", dropped));
    }
  }
}
