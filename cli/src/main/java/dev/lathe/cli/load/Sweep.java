package dev.lathe.cli.load;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.PlanChange;
import dev.lathe.registry.Registry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tries settings on a version and says which is best: the most rows a second among those whose 99th
 * percentile is within a limit; of those that are within 3 % of it, the one that answers soonest.
 *
 * @param load how each setting is loaded
 * @param callers who ask at the same time
 * @param mostMicros the limit of the 99th percentile; infinite for none
 */
public record Sweep(Load load, int callers, double mostMicros) {
  private static final double AS_GOOD = 0.97;
  private static final int ROUNDS = 3;

  /**
   * What a setting gave.
   *
   * @param setting the setting
   * @param measured what it gave
   */
  public record Tried(Setting setting, Measured measured) {}

  /**
   * Tries settings in turn, and all of them again: what else the machine does meanwhile comes and
   * goes, and should not fall on one of them. Of each, the middle measurement counts.
   *
   * @param registry where the version is
   * @param subject the version and what it is asked
   * @param settings what is tried
   * @param heard hears of each measurement
   * @return all settings, in order
   */
  public List<Tried> run(
      Registry registry, Subject subject, List<Setting> settings, Consumer<Tried> heard) {
    Map<Setting, List<Measured>> all = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (Setting setting : settings) {
        try (Target target = InProcess.open(registry, subject, setting.options())) {
          Measured measured = load.part(ROUNDS).run(target, callers);
          all.computeIfAbsent(setting, absent -> new ArrayList<>()).add(measured);
          heard.accept(new Tried(setting, measured));
        }
      }
    }
    return all.entrySet().stream()
        .map(one -> new Tried(one.getKey(), Measured.middle(one.getValue())))
        .toList();
  }

  /**
   * The best setting.
   *
   * @param all what was tried
   * @return the best; empty if none answered all requests within the limit
   */
  public Optional<Tried> best(List<Tried> all) {
    List<Tried> fit =
        all.stream()
            .filter(tried -> tried.measured().failures() == 0 && tried.measured().requests() > 0)
            .filter(tried -> tried.measured().p99Micros() <= mostMicros)
            .toList();
    double most = fit.stream().mapToDouble(t -> t.measured().rowsPerSecond()).max().orElse(0);
    return fit.stream()
        .filter(tried -> tried.measured().rowsPerSecond() >= AS_GOOD * most)
        .min(Comparator.comparingDouble(tried -> tried.measured().p99Micros()));
  }

  /**
   * Writes a setting into an environment where the version is live: running servers follow.
   *
   * @param registry where the version is
   * @param subject the version
   * @param environment the environment
   * @param setting the setting
   * @throws LatheException OTHER_VERSION if another version is live there, or what the registry
   *     says
   */
  public static void write(
      Registry registry, Subject subject, String environment, Setting setting) {
    ModelName model = ModelName.parse(subject.model());
    PlanChange change =
        before -> {
          String live = before.map(DeploymentPlan::live).orElse("nothing");
          if (!live.equals(subject.version())) {
            throw new LatheException(
                LoadError.OTHER_VERSION,
                "environment \""
                    + environment
                    + "\": "
                    + live
                    + " is live (expected: "
                    + subject.version()
                    + ", which was measured; deploy it first)");
          }
          return before.orElseThrow().with(setting.words());
        };
    registry.change(
        model, environment, change.because("Serve " + subject.version() + " as measured best"));
  }
}
