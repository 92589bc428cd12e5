package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataDigest;
import dev.lathe.train.EarlyStop;
import dev.lathe.train.Evaluation;
import dev.lathe.train.Recipe;
import dev.lathe.train.Schedule;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.data.Part;
import dev.lathe.train.metric.Metric;
import dev.lathe.train.metric.Scoring;
import dev.lathe.transform.TrainingGraphs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Steps, epochs, measuring and checkpoints of one run. The order of examples in an epoch depends on
 * the seed and the epoch only, so the state and the {@link Position} are all that a resumed run
 * needs.
 */
public final class TrainingLoop implements AutoCloseable {
  private static final String BETWEEN_SUMS = ";";

  private final Plan plan;
  private final TrainingListener listener;
  private final CancelToken cancel;
  private final Checkpoints checkpoints;
  private final Curves curves;
  private final Map<String, String> identity;
  private final Feed feed;
  private final Stepper stepper;
  private final Measuring measuring;
  private final Written written;
  private final Samples samples;
  private final Scoring scores;
  private final LossTerms terms;
  private final Pace pace;
  private final Map<String, Double> metrics = new LinkedHashMap<>();
  private Position position = Position.START;
  private Map<String, Tensor> best = Map.of();
  private int idle;
  private boolean idleTold;

  /**
   * Who watches a run.
   *
   * @param listener hears the progress
   * @param cancel asks for a stop
   * @param nanoTime a clock that never goes back
   */
  public record Watch(TrainingListener listener, CancelToken cancel, LongSupplier nanoTime) {}

  /**
   * Loads the graphs.
   *
   * @param plan what to do
   * @param folder where checkpoints are
   * @param watch who watches
   */
  public TrainingLoop(Plan plan, RunFolder folder, Watch watch) {
    this.plan = plan;
    this.listener = watch.listener();
    this.cancel = watch.cancel();
    this.pace = new Pace(watch.nanoTime());
    this.checkpoints = new Checkpoints(folder.checkpoints(), listener);
    this.curves = new Curves(folder.curves(), listener);
    this.identity = Map.of("step graph", plan.graphDigest(), "data", plan.data().digest());
    int threads = folder.threads();
    this.feed = new Feed(plan.data().train(), plan.batch(), plan.looksAtBatches(), plan.epochs());
    this.stepper = new Stepper(plan.graphs(), threads);
    this.measuring = new Measuring(plan, stepper, threads);
    this.written = new Written(plan, folder, listener, cancel);
    this.samples = new Samples(plan, threads);
    this.scores = Scoring.training(plan.metrics(), plan.question());
    this.terms = new LossTerms(plan.recipe());
  }

  private void take(Checkpoint checkpoint) {
    position = checkpoint.position();
    stepper.restore(checkpoint.state());
    best = checkpoint.best();
    String[] sums = checkpoint.sums().split(BETWEEN_SUMS, 2);
    scores.take(sums[0]);
    terms.take(sums.length > 1 ? sums[1] : "");
    metrics.putAll(checkpoint.metrics());
  }

  /**
   * Takes up the newest checkpoint, if there is one, and runs to the end.
   *
   * @return what was made
   * @throws LatheException CANCELLED or DIVERGED
   */
  public TrainingResult run() {
    checkpoints.newest(identity).ifPresent(this::take);
    curves.begin(position.step());
    tellLeftOut();
    tellLongWarmup();
    while (!position.finished()) {
      epoch();
    }
    if (!best.isEmpty()) {
      stepper.restore(best);
    }
    pace.starved().ifPresent(listener::warning);
    return result();
  }

  private void tellLongWarmup() {
    if (plan.recipe().schedule() instanceof Schedule.Warmup warmup
        && warmup.steps() >= plan.steps()) {
      listener.warning(
          "schedule.warmup: "
              + warmup.steps()
              + " steps, but the run has "
              + plan.steps()
              + ": the full learning rate is never reached");
    }
  }

  private void tellLeftOut() {
    plan.data().remarks().forEach(listener::warning);
    for (DataDigest data : plan.data().digests()) {
      if (data.leftOut() > 0) {
        listener.warning(
            data.role() + " data: " + data.leftOut() + " files cannot be decoded and are left out");
      }
    }
  }

  private void epoch() {
    pace.waitingFor(() -> feed.begin(plan.recipe().seed(), position.epoch(), position.batch()));
    while (position.batch() < plan.batchesPerEpoch()) {
      stopIfAsked();
      step();
      boolean last = position.batch() == plan.batchesPerEpoch() || position.step() == plan.steps();
      if (last) {
        endEpoch();
      }
      if (position.finished() || position.step() % plan.recipe().checkpointEvery() == 0) {
        save();
      }
      if (last) {
        return;
      }
      if (pace.isNewsDue()) {
        tell(position.epoch() + 1);
      }
    }
  }

  private void stopIfAsked() {
    if (cancel.isCancelled()) {
      save();
      throw new LatheException(
          TrainError.CANCELLED, "training was stopped after step " + position.step());
    }
  }

  /** One step over as many batches as the recipe says, or as the epoch still has. */
  private void step() {
    long number = position.step() + 1;
    int most = plan.recipe().update().batches();
    int count = Math.min(most, plan.batchesPerEpoch() - position.batch());
    double weight = 0;
    for (int i = 1; i <= count; i++) {
      Batch batch = pace.waiting(feed::take);
      stepper.count(plan.recipe().seed(), (number - 1) * most + i);
      float loss =
          i < count
              ? stepper.accumulate(batch)
              : stepper.step(batch, plan.optimizer().scalars(number, learningRate(number)));
      if (!Float.isFinite(loss)) {
        throw diverged(number, "loss is " + loss);
      }
      float counted = stepper.reading(TrainingGraphs.TOTAL_WEIGHT);
      weight += counted;
      Tensor targets = batch.column(Part.TARGET).tensor();
      scores.add(
          new Scoring.Seen(stepper.scores(batch), targets, batch.count()),
          new Scoring.Loss(loss, counted));
      terms.add(stepper::reading);
      pace.add(batch.count());
      feed.giveBack(batch);
    }
    if (weight == 0) {
      stepper.takeBack();
      idle++;
    }
    position = position.stepped(count);
  }

  private static LatheException diverged(long step, String what) {
    return new LatheException(
        TrainError.DIVERGED,
        "step "
            + step
            + ": "
            + what
            + " (expected: a finite number; try a smaller learning rate or normalized data)");
  }

  /** A step without a target that counts is no harm, an epoch of such steps is. */
  private void requireTargets(Map<String, Double> learned, int epoch) {
    boolean whole = epoch == 1 || position.batch() == plan.batchesPerEpoch();
    if (whole && !learned.containsKey("loss")) {
      throw new LatheException(
          TrainError.BAD_DATA,
          "epoch " + epoch + ": no target counts (expected: one that is not masked or ignored)");
    }
    if (idle > 0 && !idleTold) {
      listener.warning(
          "epoch "
              + epoch
              + ": "
              + idle
              + (idle == 1 ? " step" : " steps")
              + " without a target that counts, which changed nothing (a larger batch helps)");
      idleTold = true;
    }
  }

  private void endEpoch() {
    int epoch = position.epoch() + 1;
    Map<String, Double> learned = scores.values();
    requireTargets(learned, epoch);
    learned.forEach((name, value) -> metrics.put("train_" + name, value));
    terms.values().forEach((name, value) -> metrics.put("train_" + name, value));
    scores.clear();
    terms.clear();
    if (plan.data().validation().size() > 0) {
      measure("validation", plan.data().validation());
      requireFinite("validation_loss");
      metrics.putAll(written.afterEpoch(stepper::weights));
    }
    Position.Best newBest = judge(epoch);
    boolean last = position.step() == plan.steps() || isPatienceOver(epoch, newBest);
    position = position.nextEpoch(newBest, fall(), last);
    tell(epoch);
  }

  private void requireFinite(String loss) {
    double value = metrics.getOrDefault(loss, 0.0);
    if (!Double.isFinite(value)) {
      throw diverged(position.step(), loss.replace('_', ' ') + " is " + value);
    }
  }

  private Evaluation measure(String name, Part part) {
    Measuring.Measured measured = measuring.measure(part);
    measured.own().values().forEach((metric, value) -> metrics.put(name + "_" + metric, value));
    measured.terms().values().forEach((term, value) -> metrics.put(name + "_" + term, value));
    measured
        .further()
        .forEach(
            (output, scoring) -> {
              Map<String, Double> values = scoring.values();
              values.remove("loss");
              values.forEach(
                  (metric, value) -> metrics.put(name + "_" + output + "_" + metric, value));
            });
    return measured.own().evaluation(name);
  }

  private double learningRate(long step) {
    return plan.learningRate(step) * position.fall().factor();
  }

  private Fall fall() {
    return plan.recipe().schedule().main() instanceof Schedule.Plateau rule
        ? position.fall().after(rule, validation(rule.metric()))
        : Fall.NONE;
  }

  private double validation(String metric) {
    Double value = metrics.get("validation_" + metric);
    if (value == null) {
      throw new LatheException(
          TrainError.BAD_DATA,
          "metric "
              + metric
              + " has no value on the validation part of "
              + plan.data().validation().size()
              + " examples (expected: "
              + (metrics.containsKey("validation_loss")
                  ? "examples of two classes)"
                  : "a target that is not masked or ignored)"));
    }
    return value;
  }

  private Position.Best judge(int epoch) {
    EarlyStop rule = plan.recipe().earlyStop();
    if (rule.patience() == 0) {
      return Position.Best.NONE;
    }
    double value = validation(rule.metric());
    Position.Best before = position.best();
    if (!before.isBeatenBy(value, Metric.isMoreBetter(rule.metric()))) {
      return before;
    }
    best = stepper.weights();
    return new Position.Best(epoch, value);
  }

  private boolean isPatienceOver(int epoch, Position.Best newBest) {
    EarlyStop rule = plan.recipe().earlyStop();
    return rule.patience() > 0 && epoch - newBest.epoch() >= rule.patience();
  }

  /** The update that followed a finite loss may still have overflowed: such a state is not kept. */
  private void save() {
    if (!stepper.isFinite()) {
      throw diverged(position.step() + 1, "weights are no longer finite");
    }
    checkpoints.write(
        new Checkpoint(
            position,
            stepper.state(),
            best,
            scores.text() + BETWEEN_SUMS + terms.text(),
            Map.copyOf(metrics),
            identity));
  }

  private void tell(int epoch) {
    boolean midway = position.batch() > 0;
    Map<String, Double> fresh = new LinkedHashMap<>(midway ? Map.of() : metrics);
    if (midway) {
      scores.values().forEach((name, value) -> fresh.put("train_" + name, value));
      terms.values().forEach((name, value) -> fresh.put("train_" + name, value));
    }
    stepper.norm().ifPresent(norm -> fresh.put(TrainingGraphs.GRADIENT_NORM, norm));
    fresh.put("learning_rate", learningRate(position.step()));
    fresh.put("data_wait", pace.dataWait());
    Map<String, Double> shown = new LinkedHashMap<>(metrics);
    shown.putAll(fresh);
    curves.add(position.step(), fresh);
    listener.progress(
        new TrainingProgress(
            epoch,
            plan.epochs(),
            position.step(),
            plan.steps(),
            shown.getOrDefault("train_loss", 0.0),
            shown,
            pace.told(plan.steps() - position.step())));
  }

  /** What is measured once more, on the weights that are released. */
  private TrainingResult result() {
    Recipe recipe = plan.recipe();
    Set<String> drawn = Set.copyOf(metrics.keySet());
    List<Evaluation> evaluations = new ArrayList<>();
    if (plan.data().validation().size() > 0) {
      evaluations.add(measure("validation", plan.data().validation()));
    }
    if (plan.data().test().size() > 0) {
      evaluations.add(measure("test", plan.data().test()));
    }
    Map<String, Double> fresh = new LinkedHashMap<>(metrics);
    fresh.keySet().removeAll(drawn);
    curves.add(position.step(), fresh);
    Inference.Released released = Inference.of(plan, stepper.weights());
    metrics.putAll(written.of(released.model()));
    Map<String, String> files = new LinkedHashMap<>(plan.files());
    files.putAll(samples.of(released.model()));
    return new TrainingResult(
        released.model(),
        released.adapters(),
        metrics,
        evaluations,
        plan.data().digests(),
        plan.data().answers().labels(),
        files,
        position.step(),
        position.epoch(),
        recipe);
  }

  @Override
  public void close() {
    measuring.close();
    stepper.close();
    feed.close();
    curves.close();
  }
}
