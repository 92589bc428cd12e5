package dev.lathe.cli;

import dev.lathe.registry.Promotion;
import dev.lathe.serve.TrialReport;
import dev.lathe.serve.TrialReport.Agreement;
import dev.lathe.serve.TrialReport.Check;
import dev.lathe.serve.TrialReport.Difference;
import dev.lathe.serve.TrialReport.Differing;
import dev.lathe.serve.TrialReport.Figures;
import dev.lathe.serve.TrialReport.Kind;
import dev.lathe.serve.TrialReport.Standing;
import dev.lathe.serve.TrialReport.State;
import dev.lathe.server.DeploymentEvent;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.DeploymentWish;
import dev.lathe.server.Rollouts;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rollouts with known answers that remember what they were asked. */
record FakeRollouts(List<String> asked) implements Rollouts {
  private static final Agreement NOTHING = new Agreement(0, 0, 0, List.of(), List.of());

  @Override
  public DeploymentInfo change(String model, DeploymentWish wish) {
    String rest =
        wish.as().map(part -> " " + part).orElse("")
            + wish.percent().map(percent -> " " + percent).orElse("")
            + wish.header().map(header -> " " + header.name() + "=" + header.value()).orElse("")
            + wish.settings().map(settings -> " " + settings).orElse("");
    asked.add("deploy " + model + " " + wish.version() + " " + wish.environment() + rest);
    return now(model, wish.environment(), wish.version());
  }

  @Override
  public DeploymentInfo promote(String model, String environment, Promotion which) {
    String part = which.as().map(as -> " " + as).orElse("");
    asked.add(
        "promote "
            + model
            + " "
            + environment
            + part
            + which.version().map(one -> " " + one).orElse(""));
    return now(model, environment, "v2");
  }

  @Override
  public DeploymentInfo rollback(String model, String environment) {
    asked.add("rollback " + model + " " + environment);
    return now(model, environment, "v1");
  }

  private static DeploymentInfo now(String model, String environment, String version) {
    return new DeploymentInfo(
        model,
        environment,
        version,
        "d".repeat(40),
        FakeLathe.NOW,
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public List<DeploymentEvent> history(String model, String environment) {
    return List.of(
        new DeploymentEvent(
            "v1", "v1", FakeLathe.NOW, "lathe", "Roll back prod: v2\n\nbad", "e".repeat(40)));
  }

  @Override
  public TrialReport trial(String model, String environment) {
    Difference difference = new Difference("y", Kind.LABEL, "cat", "dog", 0, 1, 0.5, 0.25);
    Differing request =
        new Differing("request-7", FakeLathe.NOW, List.of(difference), "", Map.of());
    return new TrialReport(
        model,
        environment,
        "v1",
        FakeLathe.NOW,
        Optional.of(
            new TrialReport.Canary(
                "v2",
                State.ROLLED_BACK,
                "bad",
                new Figures(90, 10, 1.5, 9),
                new Figures(900, 0, 1.25, 8),
                List.of(new Check("error_rate", 0.05, 0.1, 100, Standing.PASSED, "too many")),
                NOTHING)),
        Optional.of(
            new TrialReport.Shadow(
                "v3",
                State.RUNNING,
                "",
                new Figures(5, 0, 1, 2),
                new Agreement(
                    5,
                    1,
                    2,
                    List.of(new TrialReport.Output("y", 1, 0.5, 0.25)),
                    List.of(request)))));
  }
}
