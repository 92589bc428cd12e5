package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code deployment.yaml} says: which version is live in an environment, which others are on
 * trial there, and how the model is served. Only {@code live} must be given; an absent section
 * means what its type says.
 *
 * @param live the version that is live, {@code v<N>}
 * @param canary a version that answers a part of the requests
 * @param shadow a version that answers copies of requests, for comparison only
 * @param rollback when the canary is taken out by itself; absent: never
 * @param comparison how answers of two versions are compared; absent: as its type says
 * @param versionPolicy which versions can be asked for by number; absent: all
 * @param serving how requests wait and run; absent: as the server is set up
 */
public record DeploymentPlan(
    String live,
    Optional<Canary> canary,
    Optional<Shadow> shadow,
    Optional<RollbackRule> rollback,
    Optional<Comparison> comparison,
    Optional<VersionPolicy> versionPolicy,
    Optional<Serving> serving) {
  /** Refuses sections that contradict each other. */
  public DeploymentPlan {
    Bounds.version("live", live);
    if (canary.isPresent() && canary.get().version().equals(live)) {
      throw Bounds.bad("canary.version", live, "another version than the live one");
    }
    if (shadow.isPresent() && shadow.get().version().equals(live)) {
      throw Bounds.bad("shadow.version", live, "another version than the live one");
    }
  }

  /**
   * The plan of an environment of which only the live version is known.
   *
   * @param live the version, {@code v<N>}
   * @return the plan
   */
  public static DeploymentPlan of(String live) {
    return new DeploymentPlan(
        live,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * This plan with another live version and nothing on trial.
   *
   * @param version the version that becomes live
   * @return the new plan
   */
  public DeploymentPlan withLive(String version) {
    return on(version, Optional.empty(), Optional.empty());
  }

  /**
   * This plan with a canary in place of the one it has.
   *
   * @param trial the canary
   * @return the new plan
   */
  public DeploymentPlan withCanary(Canary trial) {
    return on(live, Optional.of(trial), shadow);
  }

  /**
   * This plan with a shadow in place of the one it has.
   *
   * @param trial the shadow
   * @return the new plan
   */
  public DeploymentPlan withShadow(Shadow trial) {
    return on(live, canary, Optional.of(trial));
  }

  /**
   * This plan with a rule for its canary, unless it has one.
   *
   * @param rule the rule
   * @return the plan
   */
  public DeploymentPlan withRollbackOr(RollbackRule rule) {
    return rollback.isPresent()
        ? this
        : new DeploymentPlan(
            live, canary, shadow, Optional.of(rule), comparison, versionPolicy, serving);
  }

  /**
   * This plan without its canary.
   *
   * @return the new plan
   */
  public DeploymentPlan withoutCanary() {
    return on(live, Optional.empty(), shadow);
  }

  private DeploymentPlan on(String version, Optional<Canary> part, Optional<Shadow> copies) {
    return new DeploymentPlan(version, part, copies, rollback, comparison, versionPolicy, serving);
  }

  /**
   * This plan with nothing on trial.
   *
   * @return the new plan
   */
  public DeploymentPlan withoutTrials() {
    return withLive(live);
  }

  /**
   * This plan with some values changed.
   *
   * @param settings values in YAML by dotted key, such as {@code serving.max_batch_rows} → {@code
   *     32}; an empty value removes the key and all under it
   * @return the new plan
   * @throws LatheException BAD_DEPLOYMENT if a key is unknown or a value out of its range
   */
  public DeploymentPlan with(Map<String, String> settings) {
    return DeploymentYaml.with(this, settings);
  }

  /**
   * The versions that answer requests or copies of them: the live one first.
   *
   * @return one to three versions
   */
  public List<String> versions() {
    List<String> versions = new ArrayList<>(List.of(live));
    canary.map(Canary::version).ifPresent(versions::add);
    shadow.map(Shadow::version).filter(v -> !versions.contains(v)).ifPresent(versions::add);
    return versions;
  }

  /**
   * The plan as {@code deployment.yaml} has it.
   *
   * @return YAML text
   */
  public String yaml() {
    return DeploymentYaml.text(this);
  }

  /**
   * A version that answers a part of the requests in place of the live one: those that carry a
   * header, and a percentage of the others.
   *
   * @param version the version, {@code v<N>}
   * @param percent above 0, at most 100
   * @param header what a request carries that is for the canary
   */
  public record Canary(String version, Optional<Double> percent, Optional<Header> header) {
    /** Refuses what names no part. */
    public Canary {
      Bounds.version("canary.version", version);
      percent.ifPresent(part -> Bounds.percent("canary.percent", part));
      if (percent.isEmpty() && header.isEmpty()) {
        throw Bounds.bad("canary", "neither percent nor header", "percent, header, or both");
      }
    }
  }

  /**
   * A header of a request.
   *
   * @param name its name, in any case
   * @param value its value; empty: any
   */
  public record Header(String name, String value) {
    /** Refuses what cannot be a header. */
    public Header {
      Bounds.pattern("canary.header.name", name, "[A-Za-z0-9!#$%&'*+.^_|~-]{1,128}", "a token");
      Bounds.pattern("canary.header.value", value, "[\\x20-\\x7e]{0,256}", "at most 256 of ASCII");
    }
  }

  /**
   * A version that answers copies of requests that the live version has answered. What it answers
   * is compared and dropped.
   *
   * @param version the version, {@code v<N>}
   * @param percent which part of the requests is copied, above 0, at most 100; absent: all
   */
  public record Shadow(String version, Optional<Double> percent) {
    /** Refuses numbers out of range. */
    public Shadow {
      Bounds.version("shadow.version", version);
      percent.ifPresent(part -> Bounds.percent("shadow.percent", part));
    }
  }

  /**
   * How the answers of two versions to one request are compared.
   *
   * @param by {@code labels}: they differ where the largest number along the last axis is at
   *     another place; {@code values}: where a number lies too far from the other; absent: by
   *     labels where the model has labels
   * @param tolerance how far a number may lie from the live one's, relative to that and absolute
   *     below one, 0 to 1e9; absent: {@value #TOLERANCE}
   * @param keepInputs whether the report keeps the inputs of requests whose answers differ; absent:
   *     it does not
   */
  public record Comparison(
      Optional<String> by, Optional<Double> tolerance, Optional<Boolean> keepInputs) {
    /** What absence of the section means. */
    public static final Comparison USUAL =
        new Comparison(Optional.empty(), Optional.empty(), Optional.empty());

    /** The tolerance where none is given. */
    public static final double TOLERANCE = 1e-3;

    /** Refuses an unknown manner, and numbers out of range. */
    public Comparison {
      by.ifPresent(
          word -> Bounds.pattern("comparison.by", word, "labels|values", "labels or values"));
      tolerance.ifPresent(most -> Bounds.real("comparison.tolerance", most, 0, 1e9));
    }
  }

  /**
   * When a canary is taken out by itself: as soon as what was seen of it within the window passes a
   * limit beyond what chance explains, with at least so many of its requests.
   *
   * @param errorRate by how much the part of its requests that fail may exceed the live version's,
   *     0 to 1
   * @param latencyFactor how many times the live version's median latency the canary's may be, 1 to
   *     1000
   * @param p99Millis the largest 99th percentile of its latency, in milliseconds, 1 to 3600000
   * @param disagreement the largest part of its answers that differ from the live version's, 0 to 1
   * @param minRequests how many requests at least, 1 to 1000000; absent: {@value #MIN_REQUESTS}
   * @param windowSeconds the length of the window, 1 to 86400; absent: {@value #WINDOW_SECONDS}
   */
  public record RollbackRule(
      Optional<Double> errorRate,
      Optional<Double> latencyFactor,
      Optional<Long> p99Millis,
      Optional<Double> disagreement,
      Optional<Integer> minRequests,
      Optional<Integer> windowSeconds) {
    /** The rule of a canary for which nobody has said one. */
    public static final RollbackRule USUAL =
        new RollbackRule(
            Optional.of(0.05),
            Optional.of(3.0),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** No canary is bad by this. */
    public static final RollbackRule NONE =
        new RollbackRule(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** The number of requests where none is given. */
    public static final int MIN_REQUESTS = 20;

    /** The window where none is given. */
    public static final int WINDOW_SECONDS = 300;

    /** Refuses numbers out of range. */
    public RollbackRule {
      errorRate.ifPresent(rate -> Bounds.real("rollback.error_rate", rate, 0, 1));
      latencyFactor.ifPresent(factor -> Bounds.real("rollback.latency_factor", factor, 1, 1000));
      p99Millis.ifPresent(most -> Bounds.whole("rollback.p99_millis", most, 1, 3_600_000));
      disagreement.ifPresent(rate -> Bounds.real("rollback.disagreement", rate, 0, 1));
      minRequests.ifPresent(least -> Bounds.whole("rollback.min_requests", least, 1, 1_000_000));
      windowSeconds.ifPresent(time -> Bounds.whole("rollback.window_seconds", time, 1, 86_400));
    }
  }

  /**
   * Which versions can be asked for by number: the newest so many, or some. Versions that the
   * environment itself names always can.
   *
   * @param latest how many of the newest, 1 to 1000000
   * @param specific the versions, {@code v<N>}, at most 1000
   */
  public record VersionPolicy(Optional<Integer> latest, List<String> specific) {
    /** Refuses what names neither, or both. */
    public VersionPolicy {
      specific = List.copyOf(specific);
      latest.ifPresent(count -> Bounds.whole("version_policy.latest", count, 1, 1_000_000));
      Bounds.count("version_policy.specific", specific.size(), 1000);
      specific.forEach(version -> Bounds.version("version_policy.specific", version));
      if (latest.isPresent() == !specific.isEmpty()) {
        String found = latest.isPresent() ? "latest and specific" : "neither";
        throw Bounds.bad("version_policy", found, "latest: n, specific: [v1, ...], or all");
      }
    }
  }
}
