package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.generate.GenerateRequest;
import java.util.ArrayList;
import java.util.List;

/** A request on its way: its sequences, its reader, and what it took so far. */
final class Job {
  private final GenerateRequest request;
  private final long seed;
  private final AdapterRack.Use adapter;
  private final String realm;
  private final Mailbox mailbox;
  private final long arrived;
  private final long deadline;
  private final long order;
  private final List<Sequence> sequences = new ArrayList<>();
  private final List<Scored> promptScores = new ArrayList<>();
  private int left;
  private int cached;
  private int answered;
  private long began;
  private long first;

  /**
   * When a job came.
   *
   * @param nanos by the engine's clock
   * @param order smaller than that of all that came later
   */
  record Arrival(long nanos, long order) {}

  Job(Asked asked, Arrival arrival, Mailbox mailbox) {
    GenerateRequest request = asked.request();
    this.request = request;
    this.seed = asked.seed();
    this.adapter = asked.adapter();
    this.realm = request.caller().tenant() + '\0' + adapter.key();
    this.mailbox = mailbox;
    this.arrived = arrival.nanos();
    this.order = arrival.order();
    long timeout = request.caller().timeout().toNanos();
    this.deadline = timeout == 0 ? Long.MAX_VALUE : arrived + timeout;
    this.left = request.choices();
  }

  /**
   * What is asked.
   *
   * @param request the prompt and what is wanted
   * @param seed what its random numbers come from
   * @param adapter the use of an adapter, ended with the job
   */
  record Asked(GenerateRequest request, long seed, AdapterRack.Use adapter) {}

  /** The place of its adapter; 0 for none. */
  int adapter() {
    return adapter.place();
  }

  /** Nothing more is computed for it: its adapter may go. */
  void end() {
    adapter.done().run();
  }

  GenerateRequest request() {
    return request;
  }

  long seed() {
    return seed;
  }

  /** Whose cache it may use: that of its tenant and adapter alone. */
  String realm() {
    return realm;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  long arrived() {
    return arrived;
  }

  /** By the engine's clock; {@link Long#MAX_VALUE} for none. */
  long deadline() {
    return deadline;
  }

  long order() {
    return order;
  }

  /** Those that are not complete. */
  List<Sequence> sequences() {
    return sequences;
  }

  List<Scored> promptScores() {
    return promptScores;
  }

  /** A sequence is complete. */
  void done(Sequence sequence) {
    sequences.remove(sequence);
    left--;
  }

  boolean isComplete() {
    return left == 0;
  }

  void cached(int tokens) {
    cached = tokens;
  }

  int cached() {
    return cached;
  }

  void answered(int tokens) {
    answered += tokens;
  }

  int answered() {
    return answered;
  }

  void begins(long now) {
    began = now;
  }

  long began() {
    return began;
  }

  void speaks(long now) {
    first = first == 0 ? now : first;
  }

  long first() {
    return first;
  }
}
