package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Function;

/**
 * Decides, between runs, who runs. For one thread, which calls {@link #step} as long as there is
 * work; requests are taken in, given up and found late between steps only.
 */
final class Scheduler implements Computation.Outcome {
  private final Decoder decoder;
  private final Setting setting;
  private final Ledger ledger;
  private long stepBegan;
  private final Tenants tenants = new Tenants();
  private final Line line = new Line(tenants);
  private final Placement placement;
  private final Computation computation;
  private final Map<Mailbox, Job> jobs = new LinkedHashMap<>();
  private final PriorityQueue<Job> deadlines =
      new PriorityQueue<>(Comparator.comparingLong(Job::deadline));

  /**
   * What a scheduler works with.
   *
   * @param sizes how much a run takes
   * @param ends what ends an answer by itself
   * @param voice makes text of the tokens of an answer to a request
   */
  record Setting(Computation.Sizes sizes, Ends ends, Function<GenerateRequest, Voice> voice) {}

  Scheduler(Decoder decoder, Setting setting, Ledger ledger) {
    this.decoder = decoder;
    this.setting = setting;
    this.ledger = ledger;
    this.placement = new Placement(decoder, line);
    Answers answers = new Answers(new Drawing(decoder, setting.ends().tokens()), ledger);
    this.computation =
        new Computation(
            new Computation.Crew(decoder, placement, answers, ledger), this, setting.sizes());
  }

  /** The most tokens of prompt and answer together. */
  int longest() {
    return Math.min(decoder.context(), placement.longest());
  }

  /** Takes a request in. */
  void add(Job job) {
    GenerateRequest request = job.request();
    long most = (long) request.prompt().length + request.ending().maxTokens();
    ledger.requests.increment();
    ledger.promptTokens.add(request.prompt().length);
    jobs.put(job.mailbox(), job);
    if (job.deadline() != Long.MAX_VALUE) {
      deadlines.add(job);
    }
    try {
      line(job, (int) Math.min(most, longest()));
    } catch (StackOverflowError | RuntimeException e) {
      fail(job, Failures.of(e));
    }
  }

  private void line(Job job, int most) {
    GenerateRequest request = job.request();
    for (int choice = 0; choice < request.choices(); choice++) {
      List<String> stops = setting.ends().stops(request.ending());
      Wording wording = new Wording(setting.voice().apply(request), stops);
      Sequence sequence = new Sequence(job, choice, most, wording);
      sequence.waitSince(job.arrived());
      job.sequences().add(sequence);
      tenants.enter(request.caller().tenant());
      line.add(sequence);
    }
  }

  /** Gives a request up, if it is not complete. */
  void cancel(Mailbox mailbox) {
    Job job = jobs.get(mailbox);
    if (job != null) {
      fail(
          job,
          new LatheException(GenerateError.ABANDONED, "the request was given up before its end"));
    }
  }

  /**
   * Fails all requests, for good: nothing may be asked of this afterwards. Rows and lines are left
   * as they are, since they may be what is broken.
   */
  void failAll(LatheException why) {
    jobs.keySet().forEach(mailbox -> mailbox.fail(why));
    jobs.values().forEach(Job::end);
    ledger.failed.add(jobs.size());
    jobs.clear();
  }

  /** Whether there is something to do. */
  boolean isBusy() {
    return !jobs.isEmpty();
  }

  /** The next deadline; {@link Long#MAX_VALUE} if there is none. */
  long nextDeadline() {
    Job job = deadlines.peek();
    return job == null ? Long.MAX_VALUE : job.deadline();
  }

  /** Takes a step; whether something was computed. */
  boolean step() {
    long now = ledger.now();
    while (nextDeadline() - now <= 0) {
      Job late = deadlines.poll();
      if (late != null) {
        fail(
            late,
            new LatheException(
                GenerateError.DEADLINE_PASSED,
                "the deadline of "
                    + late.request().caller().timeout().toNanos() / 1e6
                    + " ms passed after "
                    + late.answered()
                    + " tokens of complete answers"));
      }
    }
    ledger.preemptions.add(placement.admit(now));
    stepBegan = ledger.now();
    return computation.step();
  }

  int waiting() {
    return line.size();
  }

  int running() {
    return placement.owned();
  }

  Placement placement() {
    return placement;
  }

  Tenants tenants() {
    return tenants;
  }

  Collection<Job> jobs() {
    return jobs.values();
  }

  @Override
  public void computed(Sequence sequence, int tokens) {
    Job job = sequence.job();
    if (job.began() == 0) {
      job.cached(sequence.computed() - tokens);
      job.begins(stepBegan);
      job.mailbox().begins(stepBegan);
      ledger.cachedTokens.add(job.cached());
    }
    tenants.charge(job.request().caller().tenant(), tokens);
  }

  @Override
  public void grown(Sequence sequence) {
    if (sequence.isComplete()) {
      complete(sequence);
      return;
    }
    Row row = sequence.row();
    if (row != null && sequence.length() > row.capacity()) {
      placement.leave(sequence);
      sequence.waitSince(ledger.now());
      line.addFirst(sequence);
    }
  }

  private void complete(Sequence sequence) {
    Job job = sequence.job();
    if (sequence.row() != null) {
      placement.leave(sequence);
      tenants.leave(job.request().caller().tenant());
      ledger.answerTokens.add(sequence.answered());
      job.done(sequence);
    }
    if (job.isComplete() && jobs.remove(job.mailbox(), job)) {
      deadlines.remove(job);
      job.end();
      ledger.finished.increment();
      job.mailbox().tell(new GenerateEvent.Completed(usage(job)));
    }
  }

  private GenerateEvent.Usage usage(Job job) {
    long now = ledger.now();
    long first = job.first() == 0 ? now : job.first();
    return new GenerateEvent.Usage(
        job.request().prompt().length,
        job.cached(),
        job.answered(),
        new GenerateEvent.Timing(
            job.began() - job.arrived(), first - job.arrived(), now - job.arrived()));
  }

  @Override
  public void failed(Sequence sequence, LatheException why) {
    Row row = sequence.row();
    fail(sequence.job(), why);
    if (row != null) {
      row.clear();
    }
  }

  private void fail(Job job, LatheException why) {
    if (!jobs.remove(job.mailbox(), job)) {
      return;
    }
    deadlines.remove(job);
    for (Sequence sequence : new ArrayList<>(job.sequences())) {
      sequence.complete();
      if (!line.remove(sequence)) {
        placement.leave(sequence);
      }
      tenants.leave(job.request().caller().tenant());
      job.done(sequence);
    }
    job.end();
    ledger.failed.increment();
    job.mailbox().fail(why);
  }
}
