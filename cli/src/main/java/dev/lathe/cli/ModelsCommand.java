package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.ir.LatheException;
import dev.lathe.server.Lathe;
import dev.lathe.server.ModelInfo;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the models. */
@Command(
    name = "models",
    description = "List the models, their newest version and where they are live.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe models",
      "  lathe models --json | jq -r '.[].name'",
      "  lathe models --server http://127.0.0.1:8080"
    })
final class ModelsCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  ModelsCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    List<ModelInfo> models = models();
    bench.answer(place, models, () -> show(models));
    return 0;
  }

  private List<ModelInfo> models() {
    try (Lathe lathe = bench.open(place)) {
      return lathe.models();
    } catch (LatheException e) {
      if (e.code() == PlaceError.NO_DATA && place.usual()) {
        return List.of();
      }
      throw e;
    }
  }

  private void show(List<ModelInfo> models) {
    Screen screen = bench.screen();
    if (models.isEmpty()) {
      screen.note("No models yet. Make one: lathe quickstart, or lathe train recipe.yaml");
      return;
    }
    Table table = new Table("MODEL", "VERSIONS", "LATEST", "LIVE");
    for (ModelInfo model : models) {
      String live =
          new TreeMap<>(model.live())
              .entrySet().stream()
                  .map(entry -> entry.getKey() + " " + entry.getValue())
                  .collect(Collectors.joining(", "));
      table.row(
          screen.paint(Style.NAME, model.name()),
          Integer.toString(model.versions()),
          model.latest().orElse("-"),
          live.isEmpty() ? "-" : screen.paint(Style.GOOD, live));
    }
    table.lines().forEach(screen::line);
  }
}
