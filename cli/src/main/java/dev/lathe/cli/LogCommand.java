package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.cli.text.Words;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionSummary;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the versions of a model. */
@Command(
    name = "log",
    description = "List the versions of a model, the newest first.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe log demo/digits",
      "  lathe log demo/digits --json | jq '.[0].metrics'",
      "",
      "The model is a Git repository: git log in a clone tells the same story."
    })
final class LogCommand implements Callable<Integer> {
  private static final int SHORT_COMMIT = 7;

  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL", description = "The model, NAMESPACE/NAME.")
  private ModelReference model = new ModelReference("", "");

  LogCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    model.requireNoVersion(spec);
    try (Lathe lathe = bench.open(place)) {
      List<VersionSummary> versions = lathe.log(model.model());
      bench.answer(place, versions, () -> show(versions));
    }
    return 0;
  }

  private void show(List<VersionSummary> versions) {
    Screen screen = bench.screen();
    Instant now = bench.clock().instant();
    Table table = new Table("VERSION", "RELEASED", "COMMIT", "LIVE", "METRICS", "MESSAGE");
    for (VersionSummary version : versions) {
      String live = String.join(", ", version.environments());
      table.row(
          screen.paint(Style.NAME, version.version()),
          Words.ago(version.created(), now),
          shortened(version.commit()),
          live.isEmpty() ? "-" : screen.paint(Style.GOOD, live),
          Words.headline(version.metrics()),
          Words.firstLine(version.message()));
    }
    table.lines().forEach(screen::line);
  }

  static String shortened(String commit) {
    return commit.substring(0, Math.min(SHORT_COMMIT, commit.length()));
  }
}
