package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.Lathe;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes another text for each text. */
@Command(
    name = "translate",
    description = "Write another text for each text: a translation, a summary.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe translate demo/en-de 'A man rides a horse.'",
      "  lathe translate demo/en-de < lines.en > lines.de",
      "  lathe translate org/nllb --from eng_Latn --to deu_Latn 'Good morning.'",
      "  lathe translate demo/en-de --beams 5 --alternatives 2 'Two dogs play.'",
      "",
      "Without texts, each line of standard input is one, and each line of the output is its"
          + " translation; blank ones stay blank."
    })
final class TranslateCommand implements Callable<Integer> {
  /** Lines of a request, so that a file of any number of lines is shown as it is written. */
  private static final int TOGETHER = 256;

  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      index = "0",
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Parameters(index = "1..*", paramLabel = "TEXT", description = "The texts.")
  private List<String> texts = List.of();

  @Option(
      names = "--from",
      paramLabel = "LANGUAGE",
      description = "The language of the texts, for models of several: eng_Latn, en.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "LANGUAGE", description = "The language to write in.")
  private @Nullable String to;

  @Option(
      names = "--beams",
      paramLabel = "N",
      description = "How many beams search (default: what the model's makers say).")
  private @Nullable Integer beams;

  @Option(
      names = "--alternatives",
      paramLabel = "N",
      description = "How many more texts to show for each.")
  private @Nullable Integer alternatives;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "The most tokens of a text that is written.")
  private @Nullable Integer maxTokens;

  TranslateCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    List<String> lines = TypedTexts.allLines(texts, bench.in());
    try (Lathe lathe = bench.open(place)) {
      List<Translated> parts = new ArrayList<>();
      for (int begin = 0; begin < lines.size(); begin += TOGETHER) {
        int end = Math.min(lines.size(), begin + TOGETHER);
        Translated part = translated(lathe, lines.subList(begin, end));
        parts.add(part);
        if (!place.json()) {
          print(part);
        }
      }
      if (place.json()) {
        bench.answer(place, joined(parts), () -> {});
      }
    }
    return 0;
  }

  private Translated translated(Lathe lathe, List<String> lines) {
    TranslateRequest request =
        new TranslateRequest(
            Optional.of(model.version()),
            lines,
            Optional.ofNullable(from),
            Optional.ofNullable(to),
            Optional.ofNullable(beams),
            Optional.ofNullable(maxTokens),
            Optional.ofNullable(alternatives));
    return lathe.texts().translate(model.model(), request);
  }

  private static Translated joined(List<Translated> parts) {
    Translated first = parts.getFirst();
    return new Translated(
        first.model(),
        first.version(),
        parts.stream().flatMap(part -> part.translations().stream()).toList(),
        parts.stream().mapToInt(Translated::inputTokens).sum(),
        parts.stream().mapToInt(Translated::outputTokens).sum());
  }

  private void print(Translated translated) {
    Screen screen = bench.screen();
    for (Translated.Translation each : translated.translations()) {
      screen.line(each.text());
      for (Translated.Alternative other : each.alternatives()) {
        screen.line(
            screen.paint(
                Style.DIM, String.format(Locale.ROOT, "  %7.3f  %s", other.score(), other.text())));
      }
    }
  }
}
