package dev.lathe.generate.engine;

import dev.lathe.generate.EngineStatistics;
import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The thread that takes a decoder's steps, and what others may ask of it. Requests are refused at
 * the door where they can never be answered, or too many wait; what was taken in is answered, fails
 * with a reason, or is given up by its reader.
 */
public final class Engine implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Engine.class.getName());
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final double WEIGHT = 0.1;
  private static final int MOST_IDLE = 1000;
  private static final Duration SOONEST = Duration.ofSeconds(1);
  private static final Duration LATEST = Duration.ofSeconds(60);

  private final Decoder decoder;
  private final Ledger ledger = new Ledger(System::nanoTime);
  private final Scheduler scheduler;
  private final int mostWaiting;
  private final int rows;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Job> arrivals = new ArrayList<>();
  private final ArrayDeque<Mailbox> cancelled = new ArrayDeque<>();
  private final Thread thread;

  /** Sequences that were taken in and have no row; includes those that only just arrived. */
  private int waiting;

  private long order;

  /** The decoder has something to do between steps. */
  private boolean changing;

  private boolean closed;
  private volatile boolean failed;
  private int running;
  private long cacheTokens;
  private EngineStatistics.Prefixes prefixes;
  private double secondsEach = 1;
  private long lastFinish;
  private long finishes;

  /**
   * How an engine works.
   *
   * @param name of its thread
   * @param chunk the most tokens of a prompt in a run
   * @param draft the most tokens guessed
   * @param waiting the most sequences that wait
   * @param ends what ends an answer by itself
   */
  public record Setting(String name, int chunk, int draft, int waiting, Ends ends) {}

  /**
   * Starts an engine.
   *
   * @param decoder what computes; closed with this
   * @param setting how it works
   * @param voice begins a text that answers a request
   */
  public Engine(Decoder decoder, Setting setting, Function<GenerateRequest, Voice> voice) {
    this.decoder = decoder;
    this.mostWaiting = setting.waiting();
    this.rows = decoder.arenas().stream().mapToInt(arena -> arena.slots()).sum();
    this.scheduler =
        new Scheduler(
            decoder,
            new Scheduler.Setting(
                new Computation.Sizes(setting.chunk(), setting.draft()), setting.ends(), voice),
            ledger);
    this.prefixes = scheduler.placement().prefixes().statistics();
    decoder.onChange(this::change);
    this.thread = Thread.ofPlatform().daemon().name(setting.name()).start(this::work);
  }

  /**
   * The longest text that can be made.
   *
   * @return the most tokens of prompt and answer together
   */
  public int longest() {
    return scheduler.longest();
  }

  /**
   * Takes a request in.
   *
   * @param request the prompt and what is wanted
   * @return its events
   * @throws LatheException BAD_REQUEST, PROMPT_TOO_LONG, QUEUE_FULL, CLOSED
   */
  public TextStream submit(GenerateRequest request) {
    return submit(request, AdapterRack.Use.NONE);
  }

  /**
   * Takes in a request that an adapter answers.
   *
   * @param request the prompt and what is wanted
   * @param adapter the use of the adapter; ended with the answer, or now if the request is refused
   * @return its events
   * @throws LatheException as for {@link #submit(GenerateRequest)}
   */
  public TextStream submit(GenerateRequest request, AdapterRack.Use adapter) {
    boolean taken = false;
    try {
      TextStream stream = taken(request, adapter);
      taken = true;
      return stream;
    } finally {
      if (!taken) {
        adapter.done().run();
      }
    }
  }

  private TextStream taken(GenerateRequest request, AdapterRack.Use adapter) {
    Admission.require(request, decoder.vocabulary(), longest());
    if (request.choices() > mostWaiting + rows) {
      throw new LatheException(
          GenerateError.BAD_REQUEST,
          "n: " + request.choices() + " (expected: at most " + (mostWaiting + rows) + " here)");
    }
    lock.lock();
    try {
      if (closed) {
        throw closed();
      }
      if (waiting + request.choices() > mostWaiting + Math.max(0, rows - running)) {
        throw new LatheException(
            GenerateError.QUEUE_FULL,
            "%d answers wait (expected: at most %d; try again later)"
                .formatted(waiting, mostWaiting),
            retryAfter());
      }
      waiting += request.choices();
      Mailbox mailbox = new Mailbox(this::giveUp, ledger::now);
      long seed = request.sampling().seed().orElseGet(RANDOM::nextLong);
      Job job =
          new Job(
              new Job.Asked(request, seed, adapter),
              new Job.Arrival(ledger.now(), order++),
              mailbox);
      arrivals.add(job);
      changed.signal();
      return mailbox;
    } finally {
      lock.unlock();
    }
  }

  private void giveUp(Mailbox mailbox) {
    lock.lock();
    try {
      cancelled.add(mailbox);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private Duration retryAfter() {
    Duration estimate = Duration.ofMillis((long) (1000 * secondsEach * (waiting + 1)));
    return estimate.compareTo(SOONEST) < 0
        ? SOONEST
        : estimate.compareTo(LATEST) > 0 ? LATEST : estimate;
  }

  private static LatheException closed() {
    return new LatheException(GenerateError.CLOSED, "the model is being closed");
  }

  /**
   * How busy it is.
   *
   * @return counts at this moment
   */
  public EngineStatistics statistics() {
    lock.lock();
    try {
      return new EngineStatistics(
          waiting,
          running,
          rows,
          cacheTokens,
          scheduler.placement().capacity(),
          prefixes,
          ledger.totals());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether it ended by itself and answers no more.
   *
   * @return true if something went wrong that was not one request's
   */
  public boolean failed() {
    return failed;
  }

  private void work() {
    try {
      int idle = 0;
      while (intake()) {
        decoder.refresh();
        idle = scheduler.step() || !scheduler.isBusy() ? 0 : idle + 1;
        publish();
        if (idle > MOST_IDLE) {
          throw new IllegalStateException("sequences wait, and nothing runs");
        }
      }
      shut(closed());
    } catch (Error | RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "an engine failed", e);
      failed = true;
      shut(new LatheException(GenerateError.FAILED, "the engine failed", e));
    } finally {
      decoder.close();
    }
  }

  /** Takes in what came since the last step; waits while there is nothing to do. */
  private boolean intake() {
    lock.lock();
    try {
      boolean slept = false;
      while (!closed && !isWanted()) {
        changed.awaitUninterruptibly();
        slept = true;
      }
      changing = false;
      lastFinish = slept ? ledger.now() : lastFinish;
      if (closed) {
        return false;
      }
      arrivals.forEach(scheduler::add);
      arrivals.clear();
      cancelled.forEach(scheduler::cancel);
      cancelled.clear();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean isWanted() {
    return changing || !arrivals.isEmpty() || !cancelled.isEmpty() || scheduler.isBusy();
  }

  private void change() {
    lock.lock();
    try {
      changing = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Lets others see where the engine stands. */
  private void publish() {
    lock.lock();
    try {
      int arrived = 0;
      for (Job job : arrivals) {
        arrived += job.request().choices();
      }
      waiting = arrived + scheduler.waiting();
      running = scheduler.running();
      cacheTokens = scheduler.placement().tokens();
      prefixes = scheduler.placement().prefixes().statistics();
      long count = ledger.finished.sum() + ledger.failed.sum();
      if (count > finishes) {
        long now = ledger.now();
        secondsEach += WEIGHT * ((now - lastFinish) * 1e-9 / (count - finishes) - secondsEach);
        lastFinish = now;
        finishes = count;
      }
    } finally {
      lock.unlock();
    }
  }

  private void shut(LatheException why) {
    lock.lock();
    try {
      closed = true;
      arrivals.forEach(job -> job.mailbox().fail(why));
      arrivals.forEach(Job::end);
      ledger.requests.add(arrivals.size());
      ledger.failed.add(arrivals.size());
      arrivals.clear();
      scheduler.failAll(why);
      waiting = 0;
      running = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Fails what waits and runs, after the step in progress, and frees the decoder. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
