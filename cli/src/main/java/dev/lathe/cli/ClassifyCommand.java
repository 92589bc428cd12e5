package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.Classified;
import dev.lathe.server.ClassifyRequest;
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

/** Names the classes of texts, or of their parts. */
@Command(
    name = "classify",
    description = "Name the classes of texts, or of their parts.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe classify demo/topics 'The goal came late.'",
      "  lathe classify demo/topics --top 1 --json < lines.txt",
      "  lathe classify org/names 'Ada Lovelace lived in London.'",
      "  lathe classify org/nli --labels sport,politics 'The goal came late.'",
      "",
      "Without texts, each line of standard input is one. With --labels, a model that was trained"
          + " to tell",
      "whether one sentence follows from another sorts texts into classes of your own."
    })
final class ClassifyCommand implements Callable<Integer> {
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
      names = "--top",
      paramLabel = "N",
      description = "How many classes to show of each text (default: all).")
  private @Nullable Integer top;

  @Option(
      names = "--labels",
      paramLabel = "NAME",
      split = ",",
      description = "Classes that the model was not trained on.")
  private @Nullable List<String> labels;

  ClassifyCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      ClassifyRequest request =
          new ClassifyRequest(
              Optional.of(model.version()),
              TypedTexts.lines(texts, bench.in()),
              Optional.empty(),
              Optional.ofNullable(top),
              Optional.empty(),
              Optional.ofNullable(labels),
              Optional.empty());
      Classified classified = lathe.texts().classify(model.model(), request);
      bench.answer(place, classified, () -> print(request.texts(), classified));
    }
    return 0;
  }

  private void print(List<String> given, Classified classified) {
    Screen screen = bench.screen();
    for (int i = 0; i < given.size(); i++) {
      if (given.size() > 1) {
        screen.line(screen.paint(Style.DIM, given.get(i)));
      }
      Classified.Row row = classified.rows().get(i);
      for (Classified.Score each : row.classes()) {
        screen.line(
            String.format(Locale.ROOT, "  %.4f  ", each.score())
                + screen.paint(Style.BOLD, each.label()));
      }
      for (Classified.Span each : row.spans()) {
        screen.line(
            String.format(Locale.ROOT, "  %.4f  ", each.score())
                + screen.paint(Style.BOLD, each.label())
                + "  "
                + each.text()
                + screen.paint(
                    Style.DIM, String.format(Locale.ROOT, "  %d to %d", each.start(), each.end())));
      }
    }
  }
}
