package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.DeploymentWish;
import dev.lathe.server.DeploymentWish.Part;
import dev.lathe.server.Lathe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a version live, or puts it on trial beside what is live. */
@Command(
    name = "deploy",
    description = {
      "Make a version live in an environment. Running servers switch by themselves.",
      "With --canary it answers a part of the requests, with --shadow copies of them; see lathe"
          + " trial, lathe promote and lathe rollback."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe deploy demo/digits@v2 --env prod",
      "  lathe deploy demo/digits@v1 --env prod     back to v1: deploy it again",
      "  lathe deploy demo/digits --env staging     the newest version",
      "  lathe deploy demo/digits@v3 --env prod --canary 10",
      "  lathe deploy demo/digits@v3 --env prod --canary-header x-beta=yes",
      "  lathe deploy demo/digits@v3 --env prod --shadow --set comparison.tolerance=0.01"
    })
final class DeployCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, or latest where none is given.")
  private ModelReference model = new ModelReference("", "");

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      required = true,
      description = "The environment, for example prod; created if it is new.")
  private String environment = "";

  @ArgGroup private Trial trial = new Trial();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A value of deployment.yaml, for example serving.max_batch_rows=8; without a value the key"
              + " is removed.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "Why, for lathe history.")
  private String message = "";

  /** Either of the trials, or none. */
  private static final class Trial {
    @ArgGroup(exclusive = false)
    private @Nullable CanaryOptions canary;

    @Option(
        names = "--shadow",
        arity = "0..1",
        fallbackValue = "100",
        paramLabel = "PERCENT",
        description =
            "The version gets copies of so many of a hundred requests (default: all); what it answers"
                + " is compared and dropped.")
    private @Nullable Double shadow;
  }

  /** For whom a canary is. */
  private static final class CanaryOptions {
    @Option(
        names = "--canary",
        paramLabel = "PERCENT",
        description =
            "The version answers so many of a hundred requests, and is taken out by itself if it"
                + " turns bad.")
    private @Nullable Double percent;

    @Option(
        names = "--canary-header",
        paramLabel = "NAME[=VALUE]",
        description = "The version answers requests with this header.")
    private @Nullable String header;

    Optional<DeploymentPlan.Header> header() {
      return Optional.ofNullable(header)
          .map(text -> text.split("=", 2))
          .map(parts -> new DeploymentPlan.Header(parts[0], parts.length == 1 ? "" : parts[1]));
    }
  }

  DeployCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      DeploymentInfo now = lathe.rollouts().change(model.model(), wish());
      bench.answer(place, now, () -> show(bench.screen(), now));
    }
    return 0;
  }

  private DeploymentWish wish() {
    CanaryOptions canary = trial.canary;
    Optional<Double> percent = Optional.ofNullable(canary == null ? trial.shadow : canary.percent);
    Part part = canary != null ? Part.CANARY : trial.shadow != null ? Part.SHADOW : Part.LIVE;
    return new DeploymentWish(
        model.versionOr("latest"),
        environment,
        part == Part.LIVE ? Optional.empty() : Optional.of(part),
        part == Part.SHADOW ? percent.filter(some -> some != 100) : percent,
        canary == null ? Optional.empty() : canary.header(),
        settings.isEmpty() ? Optional.empty() : Optional.of(settings),
        message.isEmpty() ? Optional.empty() : Optional.of(message));
  }

  /** Says what answers now. */
  static void show(Screen screen, DeploymentInfo live) {
    screen.line(
        screen.paint(Style.NAME, live.model())
            + " "
            + screen.paint(Style.GOOD, live.version())
            + " is live in "
            + live.environment());
    live.canary().ifPresent(version -> screen.line("  canary " + version));
    live.shadow().ifPresent(version -> screen.line("  shadow " + version));
  }
}
