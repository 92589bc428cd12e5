package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Sampling;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.generate.sample.Seed;
import dev.lathe.generate.sample.TokenCounts;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One answer in the making: its tokens, how many of them are computed, and what decides about the
 * next. It has a row while it runs, and none while it waits.
 */
final class Sequence {
  private final Job job;
  private final int choice;
  private final int most;
  private final Wording wording;
  private final Seed seed;
  private final TokenCounts counts = new TokenCounts();
  private final Guess guess = new Guess();
  private int[] tokens;
  private int length;
  private int computed;
  private boolean promptTold;
  private boolean complete;
  private long ranIn;
  private @Nullable Row row;
  private @Nullable TokenConstraint constraint;
  private boolean matched;
  private long waitsSince;
  private long level;

  /**
   * A sequence of a job.
   *
   * @param most tokens of prompt and answer together
   */
  Sequence(Job job, int choice, int most, Wording wording) {
    GenerateRequest request = job.request();
    this.job = job;
    this.choice = choice;
    this.most = most;
    this.wording = wording;
    this.seed = Seed.of(job.seed(), choice);
    this.tokens = Arrays.copyOf(request.prompt(), request.prompt().length + 64);
    this.length = request.prompt().length;
    this.constraint = request.constraint().orElse(null);
    if (countsMatter()) {
      for (int token : request.prompt()) {
        counts.seen(token);
      }
    }
  }

  private boolean countsMatter() {
    return !sampling().penalties().equals(Sampling.Penalties.NONE);
  }

  Job job() {
    return job;
  }

  int choice() {
    return choice;
  }

  String realm() {
    return job.realm();
  }

  Sampling sampling() {
    return job.request().sampling();
  }

  /** Prompt, answer, and behind them what is guessed. */
  int[] tokens() {
    return tokens;
  }

  int length() {
    return length;
  }

  /** The most tokens of prompt and answer together. */
  int most() {
    return most;
  }

  int computed() {
    return computed;
  }

  /** Tokens that are not in the cache yet; 1 if it is ready for its next one. */
  int pending() {
    return length - computed;
  }

  /** Tokens of the answer. */
  int answered() {
    return length - job.request().prompt().length;
  }

  int promptLength() {
    return job.request().prompt().length;
  }

  /** Whether probabilities of the prompt are still to be told, so that all of it is computed. */
  boolean scoresPrompt() {
    return choice == 0 && job.request().probabilities().prompt().isPresent() && !promptTold;
  }

  void promptTold() {
    promptTold = true;
  }

  /** Whether it has its last token. */
  boolean isComplete() {
    return complete;
  }

  void complete() {
    complete = true;
  }

  /** The step of its last run. */
  long ranIn() {
    return ranIn;
  }

  void ranIn(long step) {
    ranIn = step;
  }

  double random() {
    return seed.at(answered());
  }

  TokenCounts counts() {
    return counts;
  }

  /** Guesses what comes next and writes it behind the tokens; how many were guessed. */
  int guess(int most) {
    if (most < 1) {
      return 0;
    }
    room(most);
    return guess.write(tokens, length, most);
  }

  /** Learns how many of a guess were right. */
  void judge(int guessed, int right) {
    guess.judge(guessed, right);
  }

  Wording wording() {
    return wording;
  }

  @Nullable TokenConstraint constraint() {
    return constraint;
  }

  @Nullable Row row() {
    return row;
  }

  /** Whether it was looked for others that hold more of its prompt. */
  boolean matched() {
    return matched;
  }

  void match() {
    matched = true;
  }

  long waitsSince() {
    return waitsSince;
  }

  void waitSince(long nanos) {
    waitsSince = nanos;
  }

  /** Adds a token of the answer. */
  void append(int token) {
    room(1);
    tokens[length++] = token;
    if (countsMatter()) {
      counts.said(token);
    }
    TokenConstraint state = constraint;
    if (state != null) {
      constraint = state.after(token);
    }
  }

  /** Makes room behind the tokens. */
  void room(int count) {
    if (length + count > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(length + count, 2 * tokens.length));
    }
  }

  /** Some of its tokens are in the cache now. */
  void commit(int count) {
    computed += count;
    if (computed > length) {
      throw new IllegalStateException(computed + " tokens computed of " + length);
    }
  }

  /** Others hold more of its prompt: it was copied. */
  void copied(int upTo) {
    computed = upTo;
  }

  /** How urgent it was when it got its row: less is more. */
  long level() {
    return level;
  }

  void level(long reached) {
    level = reached;
  }

  void settle(Row given, int common) {
    row = given;
    computed = common;
    matched = false;
  }

  void move(Row other) {
    row = other;
  }

  void leave() {
    row = null;
    computed = 0;
  }
}
