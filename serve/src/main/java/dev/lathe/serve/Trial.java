package dev.lathe.serve;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.DeploymentPlan.Comparison;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.serve.TrialReport.Differing;
import dev.lathe.serve.trial.Comparing;
import dev.lathe.serve.trial.Counts;
import dev.lathe.serve.trial.Counts.Outcome;
import dev.lathe.serve.trial.Judgement;
import dev.lathe.serve.trial.Window;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The versions on trial beside one live version: which requests they get, and what becomes of them.
 * It lasts as long as the environment says the same about them.
 */
final class Trial {
  private static final System.Logger LOG = System.getLogger(Trial.class.getName());

  /** How copies end that found no time or no room. */
  private static final Set<ErrorCode> NO_TIME =
      Set.of(
          ServeError.DEADLINE_PASSED,
          ServeError.QUEUE_FULL,
          ServeError.SHARE_FULL,
          ServeError.CLOSED);

  private final Place place;
  private final DeploymentPlan plan;
  private final RollbackRule rule;
  private final Lots lots;
  private final Parts parts;
  private final Instant since = Instant.now();
  private final Map<Place.Role, Window> windows = new EnumMap<>(Place.Role.class);
  private final Map<Place.Role, Divergence> divergences = new EnumMap<>(Place.Role.class);
  private final Blame blame;

  /** Whether it was logged that something could not be compared. */
  private final AtomicBoolean told = new AtomicBoolean();

  /** Why the canary gets no more requests; empty while it does. */
  private volatile String ended = "";

  /** Once its environment was seen without the canary that had ended. */
  private volatile boolean over;

  /** Who plays the other parts, and where copies go. */
  record Parts(Followers followers, Mirror mirror) {}

  Trial(Place place, DeploymentPlan plan, Parts parts) {
    this.place = place;
    this.plan = plan;
    this.parts = parts;
    this.lots = new Lots(place, plan);
    this.rule = plan.rollback().orElse(RollbackRule.NONE);
    int seconds = rule.windowSeconds().orElse(RollbackRule.WINDOW_SECONDS);
    for (Place.Role role : Place.Role.values()) {
      windows.put(role, new Window(Duration.ofSeconds(seconds), System::nanoTime));
      divergences.put(role, new Divergence());
    }
    this.blame = new Blame(rule, windows.get(Place.Role.LIVE));
  }

  /** Whether an environment that says this says the same about what is on trial. */
  boolean isOf(DeploymentPlan other) {
    return plan.live().equals(other.live())
        && plan.canary().equals(other.canary())
        && plan.shadow().equals(other.shadow())
        && plan.rollback().equals(other.rollback())
        && plan.comparison().equals(other.comparison());
  }

  Place place() {
    return place;
  }

  DeploymentPlan plan() {
    return plan;
  }

  Instant since() {
    return since;
  }

  String ended() {
    return ended;
  }

  /** The canary gets no more requests. */
  void end(String reason) {
    ended = reason;
  }

  /** The canary that ended is out of its environment: one that is there again is tried anew. */
  void takenOut() {
    over = true;
  }

  boolean isTakenOut() {
    return over;
  }

  RollbackRule rule() {
    return rule;
  }

  Blame blame() {
    return blame;
  }

  Window window(Place.Role role) {
    return windows.get(role);
  }

  Divergence divergence(Place.Role role) {
    return divergences.get(role);
  }

  /** How the canary stands against the rule. */
  Judgement judgement() {
    return new Judgement(
        rule, windows.get(Place.Role.CANARY).recent(), windows.get(Place.Role.LIVE).recent());
  }

  /** The part whose version is to answer a request. */
  Place.Role answers(Visit visit) {
    return plan.canary().filter(canary -> ended.isEmpty() && lots.isFor(canary, visit)).isPresent()
        ? Place.Role.CANARY
        : Place.Role.LIVE;
  }

  /** The version that plays a part, with the caller as one of its users, if it is in memory. */
  Optional<LoadedModel> acquire(Place.Role role) {
    return parts.followers().acquire(place.as(role)).filter(model -> plays(role, model));
  }

  /** Whether callers of the live version wait, who come before copies. */
  private boolean isBusy() {
    return parts.followers().at(place).flatMap(Follower::current).stream()
        .anyMatch(model -> model.waiting() > 0);
  }

  /** For a moment something else may play it: what was there before, or comes next. */
  private boolean plays(Place.Role role, LoadedModel model) {
    boolean plays = place.as(role).version(plan).filter(model.id().version()::equals).isPresent();
    if (!plays) {
      model.release();
    }
    return plays;
  }

  /** Looks on while a part's version answers. */
  Onlooker onlooker(Place.Role role, Visit visit, LoadedModel model) {
    return place.as(role).version(plan).filter(model.id().version()::equals).isEmpty()
        ? Onlooker.NOBODY
        : new Watch(role, visit.request(), model);
  }

  /** The version that answers, and who looks on: the live one where the canary is not there. */
  Choice choose(Visit visit) {
    Place.Role role = answers(visit);
    Optional<LoadedModel> tried = role == Place.Role.LIVE ? Optional.empty() : acquire(role);
    String version = tried.map(model -> model.id().version()).orElse(plan.live());
    tried.ifPresent(LoadedModel::release);
    Place.Role taken = tried.isEmpty() ? Place.Role.LIVE : role;
    return new Choice(version, textOnlooker(taken, visit, version));
  }

  /** Looks on while a part's version answers with text. */
  TextOnlooker textOnlooker(Place.Role role, Visit visit, String version) {
    return place.as(role).version(plan).filter(version::equals).isEmpty()
        ? TextOnlooker.NOBODY
        : new TextWatch(this, role, visit.request());
  }

  /** A request to one of the parts. */
  private final class Watch implements Onlooker {
    private final Place.Role role;
    private final String id;
    private final List<String> labels;
    private final Duration longest;

    Watch(Place.Role role, String id, LoadedModel model) {
      this.role = role;
      this.id = id;
      this.labels = model.metadata().labels();
      this.longest = model.policy().timeout();
    }

    @Override
    public void answered(InferRequest request, InferResponse response, long nanos) {
      windows.get(role).add(outcome(nanos));
      boolean sequence = !request.options().sequence().isNone();
      if (!sequence && role == Place.Role.CANARY && rule.disagreement().isPresent()) {
        compare(request, response, Place.Role.LIVE);
      } else if (!sequence && role == Place.Role.LIVE && isCopied()) {
        compare(request, response, Place.Role.SHADOW);
      }
    }

    private boolean isCopied() {
      return plan.shadow()
          .filter(
              shadow ->
                  Lot.of(place, "shadow " + shadow.version(), id) * 100
                      < shadow.percent().orElse(100.0))
          .isPresent();
    }

    private void compare(InferRequest request, InferResponse response, Place.Role other) {
      Place.Role trial = other == Place.Role.LIVE ? role : other;
      copied(
          trial,
          request,
          Mirror.bytes(response.outputs()),
          copy -> compared(copy, response, other));
    }

    /** Does something with a copy on a thread of the mirror; it was counted when that is over. */
    private void copied(
        Place.Role trial, InferRequest request, long bytes, Consumer<InferRequest> work) {
      counted(
          trial,
          () -> {
            if (isBusy()
                || !parts.mirror().offer(request, bytes, copy -> late(trial, copy, work))) {
              divergences.get(trial).dropped();
            }
          });
    }

    private void late(Place.Role trial, InferRequest copy, Consumer<InferRequest> work) {
      counted(
          trial,
          () -> {
            if (isBusy()) {
              divergences.get(trial).dropped();
            } else {
              work.accept(copy);
            }
          });
    }

    /** What cannot be compared by a defect of ours is dropped as well, and no caller's trouble. */
    private void counted(Place.Role trial, Runnable work) {
      try {
        work.run();
      } catch (Error | RuntimeException e) {
        divergences.get(trial).dropped();
        if (told.compareAndSet(false, true)) {
          LOG.log(Level.WARNING, place.model() + ": answers cannot be compared", e);
        }
      }
    }

    /** On a thread of the mirror: asks the other version too. */
    private void compared(InferRequest copy, InferResponse first, Place.Role other) {
      Place.Role trial = other == Place.Role.LIVE ? role : other;
      Optional<LoadedModel> model = acquire(other);
      if (model.isEmpty()) {
        divergences.get(trial).dropped();
        return;
      }
      long start = System.nanoTime();
      InferResponse second;
      try (Lease lease = new Lease(model.get())) {
        second = lease.infer(copy);
      } catch (LatheException e) {
        // That the live version fails now says nothing about the canary, and that a copy found no
        // time nothing about the shadow: it has the least urgent place there is.
        if (other == Place.Role.SHADOW && !NO_TIME.contains(e.code())) {
          windows.get(other).add(new Outcome.Failed());
          note(trial, new Differing(id, Instant.now(), List.of(), told(e), kept(copy)));
        } else {
          divergences.get(trial).dropped();
        }
        return;
      }
      long nanos = System.nanoTime() - start;
      InferResponse live = other == Place.Role.LIVE ? second : first;
      InferResponse tried = other == Place.Role.LIVE ? first : second;
      note(trial, differing(copy, live, tried));
      if (other == Place.Role.SHADOW) {
        windows.get(other).add(outcome(nanos));
      }
    }

    private Differing differing(InferRequest copy, InferResponse live, InferResponse tried) {
      return new Differing(
          id,
          Instant.now(),
          comparing(labels).compare(live.outputs(), tried.outputs()),
          "",
          kept(copy));
    }

    private void note(Place.Role trial, Differing one) {
      boolean differs = divergences.get(trial).add(one);
      windows.get(trial).add(new Outcome.Compared(differs));
    }

    /**
     * One that the canary finds wrong may be wrong: it counts as failed only if the live version
     * answers it.
     */
    @Override
    public void failed(InferRequest request, LatheException failure) {
      if (failure.kind() != ErrorKind.INVALID) {
        if (blame.counts(failure, request.options().timeout(), longest)) {
          windows.get(role).add(new Outcome.Failed());
        }
      } else if (role == Place.Role.CANARY && request.options().sequence().isNone()) {
        counted(role, () -> judged(request, copy -> counted(role, () -> refused(copy, failure))));
      }
    }

    /** Under load, too: a canary that refuses everything would otherwise never be found out. */
    private void judged(InferRequest request, Consumer<InferRequest> work) {
      Mirror mirror = parts.mirror();
      if ((isBusy() || !mirror.offer(request, 0, work)) && !mirror.offerReserved(request, work)) {
        divergences.get(role).dropped();
      }
    }

    private void refused(InferRequest copy, LatheException failure) {
      Optional<LoadedModel> live = acquire(Place.Role.LIVE);
      if (live.isEmpty()) {
        divergences.get(role).dropped();
        return;
      }
      try (Lease lease = new Lease(live.get())) {
        lease.infer(copy);
      } catch (LatheException e) {
        divergences.get(role).dropped();
        return;
      }
      divergences
          .get(role)
          .add(new Differing(id, Instant.now(), List.of(), told(failure), kept(copy)));
      windows.get(role).add(new Outcome.Failed());
    }

    private Map<String, dev.lathe.ir.Tensor> kept(InferRequest copy) {
      return comparison().keepInputs().orElse(false) ? copy.inputs() : Map.of();
    }
  }

  private Outcome outcome(long nanos) {
    long limit = rule.p99Millis().orElse(Long.MAX_VALUE);
    boolean slow = TimeUnit.NANOSECONDS.toMillis(nanos) >= limit;
    return new Outcome.Answered(nanos, slow);
  }

  private static String told(LatheException failure) {
    return String.valueOf(failure.getMessage());
  }

  private Comparison comparison() {
    return plan.comparison().orElse(Comparison.USUAL);
  }

  private Comparing comparing(List<String> labels) {
    boolean byLabels =
        comparison().by().map(word -> word.equals("labels")).orElse(!labels.isEmpty());
    return new Comparing(
        byLabels ? Comparing.Manner.LABELS : Comparing.Manner.VALUES,
        comparison().tolerance().orElse(Comparison.TOLERANCE),
        labels);
  }

  /** What became of a part's requests. */
  TrialReport.Figures figures(Place.Role role) {
    Counts total = windows.get(role).total();
    return new TrialReport.Figures(
        total.latencies().count(),
        total.failures().part(),
        total.latencies().millis(0.5),
        total.latencies().millis(0.99));
  }
}
