package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.cli.text.Words;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.Lathe;
import dev.lathe.server.ModelInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists what is live where. */
@Command(
    name = "deployments",
    description = "List what is live where, for one model or all.",
    footerHeading = "%nExamples:%n",
    footer = {"  lathe deployments", "  lathe deployments demo/digits --json"})
final class DeploymentsCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "The model; all if not given.")
  private @Nullable ModelReference model;

  DeploymentsCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    if (model != null) {
      model.requireNoVersion(spec);
    }
    try (Lathe lathe = bench.open(place)) {
      List<String> names =
          model == null
              ? lathe.models().stream().map(ModelInfo::name).toList()
              : List.of(model.model());
      List<DeploymentInfo> live =
          names.stream().flatMap(name -> lathe.deployments(name).stream()).toList();
      bench.answer(place, live, () -> show(live));
    }
    return 0;
  }

  private void show(List<DeploymentInfo> deployments) {
    Screen screen = bench.screen();
    if (deployments.isEmpty()) {
      screen.note("Nothing is live. Deploy a version: lathe deploy MODEL@v1 --env prod");
      return;
    }
    Table table = new Table("MODEL", "ENVIRONMENT", "VERSION", "ON TRIAL", "SINCE", "COMMIT");
    for (DeploymentInfo live : deployments) {
      table.row(
          screen.paint(Style.NAME, live.model()),
          live.environment(),
          screen.paint(Style.GOOD, live.version()),
          trials(live),
          Words.ago(live.since(), bench.clock().instant()),
          LogCommand.shortened(live.commit()));
    }
    table.lines().forEach(screen::line);
  }

  private static String trials(DeploymentInfo live) {
    List<String> trials = new ArrayList<>();
    live.canary().ifPresent(version -> trials.add("canary " + version));
    live.shadow().ifPresent(version -> trials.add("shadow " + version));
    return String.join(", ", trials);
  }
}
