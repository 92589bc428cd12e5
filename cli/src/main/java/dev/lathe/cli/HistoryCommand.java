package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.cli.text.Words;
import dev.lathe.server.DeploymentEvent;
import dev.lathe.server.Lathe;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists what was live when, and why. */
@Command(
    name = "history",
    description = "List what an environment said when, and why: deployments, trials, rollbacks.",
    footerHeading = "%nExamples:%n",
    footer = {"  lathe history demo/digits --env prod"})
final class HistoryCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Environment environment = new Environment();
  private final Bench bench;

  HistoryCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      List<DeploymentEvent> events =
          lathe.rollouts().history(environment.model(), environment.name());
      bench.answer(place, events, () -> show(events));
    }
    return 0;
  }

  private void show(List<DeploymentEvent> events) {
    Screen screen = bench.screen();
    Table table = new Table("COMMIT", "LIVE", "WHEN", "BY", "WHY");
    for (DeploymentEvent event : events) {
      table.row(
          LogCommand.shortened(event.commit()),
          screen.paint(Style.GOOD, event.to()),
          Words.ago(event.time(), bench.clock().instant()),
          event.author(),
          event.message().replaceAll("\\s*\\n\\s*", "; "));
    }
    table.lines().forEach(screen::line);
  }
}
