package dev.lathe.cli;

import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one version with all that is known of it. */
@Command(
    name = "show",
    description = "Show a version: what it takes and gives, how it came to be, its files.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe show demo/digits            the newest version",
      "  lathe show demo/digits@v1",
      "  lathe show demo/digits@prod       what is live in prod"
    })
final class ShowCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  ShowCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      VersionDetails version = lathe.show(model.model(), model.versionOr("latest"));
      bench.answer(place, version, () -> new VersionPage(version, bench).print());
    }
    return 0;
  }
}
