package dev.lathe.generate.engine;

import dev.lathe.ir.LatheException;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a step. First all that are ready for their next token: together, or, if they are few
 * and their next tokens can be guessed, each alone with its guess. Then some tokens of one prompt.
 *
 * <p>A guess is right where the token that is drawn anyway is the guessed one, so answers do not
 * depend on guesses.
 */
final class Computation {
  /** With more sequences than this, guesses cost more than they bring. */
  private static final int MOST_GUESSING = 2;

  private final Decoder decoder;
  private final Placement placement;
  private final Answers answers;
  private final Outcome outcome;
  private final Ledger ledger;
  private final Run run;
  private final Sequence[] batch;
  private final int chunk;
  private final int draft;
  private long step;

  /** What becomes of sequences. */
  interface Outcome {
    /** Tokens of a sequence were computed. */
    void computed(Sequence sequence, int tokens);

    /** Tokens were added to a sequence, or it is complete, or it failed. */
    void grown(Sequence sequence);

    /** A sequence's request cannot go on. */
    void failed(Sequence sequence, LatheException why);
  }

  /**
   * How much a run takes.
   *
   * @param chunk the most tokens of a prompt
   * @param draft the most tokens guessed
   */
  record Sizes(int chunk, int draft) {}

  /** Who works together. */
  record Crew(Decoder decoder, Placement placement, Answers answers, Ledger ledger) {}

  Computation(Crew crew, Outcome outcome, Sizes sizes) {
    this.decoder = crew.decoder();
    this.placement = crew.placement();
    this.answers = crew.answers();
    this.ledger = crew.ledger();
    this.outcome = outcome;
    this.chunk = sizes.chunk();
    this.draft = Math.min(sizes.draft(), decoder.mostScored() - 1);
    int rows = decoder.arenas().stream().mapToInt(arena -> arena.slots()).max().orElseThrow();
    this.batch = new Sequence[rows];
    this.run = new Run(rows, Math.max(chunk, draft + 1));
  }

  /** Takes a step; whether there was something to run. */
  boolean step() {
    step++;
    boolean guessing = draft > 0 && ready() <= MOST_GUESSING;
    boolean ran = false;
    for (Row[] arena : placement.rows()) {
      placement.gather(arena[0].spot().arena());
      ran |= guessing && guess(arena);
      ran |= answer(arena);
    }
    return prompt() || ran;
  }

  private boolean isReady(Row row) {
    Sequence owner = row.owner();
    return owner != null && owner.pending() == 1 && !owner.scoresPrompt() && owner.ranIn() < step;
  }

  private int ready() {
    int count = 0;
    for (Row[] arena : placement.rows()) {
      for (Row row : arena) {
        count += isReady(row) ? 1 : 0;
      }
    }
    return count;
  }

  /** Runs each ready sequence that a guess can be made for, with its guess. */
  private boolean guess(Row[] arena) {
    boolean ran = false;
    for (Row row : arena) {
      Sequence sequence = row.owner();
      if (sequence != null && isReady(row)) {
        int most = Math.min(sequence.most(), row.capacity()) - sequence.length();
        int guessed = sequence.guess(Math.min(draft, most));
        if (guessed > 0) {
          run(sequence, row, guessed);
          ran = true;
        }
      }
    }
    return ran;
  }

  private void run(Sequence sequence, Row row, int guessed) {
    begin(sequence, row, 1 + guessed);
    for (int i = 0; i <= guessed; i++) {
      run.want(i);
    }
    if (!runFor(sequence)) {
      return;
    }
    int right = 0;
    boolean more = true;
    for (int i = 0; i <= guessed && more; i++) {
      int guess = i < guessed ? sequence.tokens()[sequence.length()] : -1;
      int before = sequence.length();
      computed(sequence, 1);
      more =
          grow(sequence, i) == guess && !sequence.isComplete() && sequence.length() == before + 1;
      right += more ? 1 : 0;
    }
    sequence.judge(guessed, right);
    ledger.drafted.add(guessed);
    ledger.accepted.add(right);
    outcome.grown(sequence);
  }

  /** Runs all ready rows of an arena at once, and those between them idly. */
  private boolean answer(Row[] arena) {
    int first = -1;
    int last = -1;
    for (int i = 0; i < arena.length; i++) {
      if (isReady(arena[i])) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (first < 0) {
      return false;
    }
    run.begin(arena[first].spot(), last - first + 1, 1);
    for (int i = first; i <= last; i++) {
      Sequence sequence = arena[i].owner();
      if (sequence != null && isReady(arena[i])) {
        run.row(i - first, sequence.computed(), sequence.tokens()[sequence.computed()]);
        run.adapter(i - first, sequence.job().adapter());
        batch[run.want(i - first)] = sequence;
      } else {
        run.row(i - first, arena[i].spare(), 0);
      }
    }
    answer();
    return true;
  }

  private void answer() {
    LatheException failure = null;
    try {
      decoder.run(run);
      ledger.steps.increment();
    } catch (LatheException e) {
      failure = e;
    }
    for (int i = 0; i < run.wanted(); i++) {
      Sequence sequence = batch[i];
      sequence.ranIn(step);
      if (sequence.isComplete()) {
        continue;
      }
      if (failure == null) {
        computed(sequence, 1);
        grow(sequence, i);
        outcome.grown(sequence);
      } else {
        outcome.failed(sequence, failure);
      }
    }
  }

  /** Runs some tokens of the prompt whose turn it is. */
  private boolean prompt() {
    Sequence sequence = nextPrompt();
    while (sequence != null && !sequence.matched()) {
      placement.match(sequence);
      sequence = nextPrompt();
    }
    Row row = sequence == null ? null : sequence.row();
    if (sequence == null || row == null) {
      return false;
    }
    boolean scoring = sequence.scoresPrompt();
    int most = scoring ? Math.min(chunk, decoder.mostScored()) : chunk;
    int width = Math.min(most, sequence.pending());
    boolean last = width == sequence.pending();
    begin(sequence, row, width);
    for (int i = scoring ? 0 : width - 1; i < width && (scoring || last); i++) {
      run.want(i);
    }
    if (runFor(sequence)) {
      prompted(sequence, width);
    }
    return true;
  }

  private void prompted(Sequence sequence, int width) {
    try {
      for (int i = 0; i < run.wanted() && sequence.scoresPrompt(); i++) {
        answers.tellPrompt(sequence, i, sequence.computed() + i);
      }
    } catch (StackOverflowError | RuntimeException e) {
      outcome.failed(sequence, Failures.of(e));
      return;
    }
    computed(sequence, width);
    if (sequence.pending() > 0) {
      return;
    }
    grow(sequence, run.wanted() - 1);
    outcome.grown(sequence);
  }

  private @Nullable Sequence nextPrompt() {
    Sequence next = null;
    for (Row[] arena : placement.rows()) {
      for (Row row : arena) {
        Sequence owner = row.owner();
        if (owner != null
            && (owner.pending() > 1 || owner.scoresPrompt())
            && (next == null || isBefore(owner, next))) {
          next = owner;
        }
      }
    }
    return next;
  }

  private static boolean isBefore(Sequence one, Sequence other) {
    int priority = one.job().request().caller().priority();
    int otherPriority = other.job().request().caller().priority();
    if (priority != otherPriority) {
      return priority < otherPriority;
    }
    return one.job().order() != other.job().order()
        ? one.job().order() < other.job().order()
        : one.choice() < other.choice();
  }

  private void begin(Sequence sequence, Row row, int width) {
    run.begin(row.spot(), 1, width);
    run.row(0, sequence.computed(), 0);
    run.adapter(0, sequence.job().adapter());
    for (int i = 0; i < width; i++) {
      run.token(i, sequence.tokens()[sequence.computed() + i]);
    }
  }

  private boolean runFor(Sequence sequence) {
    sequence.ranIn(step);
    try {
      decoder.run(run);
      ledger.steps.increment();
      return true;
    } catch (LatheException e) {
      outcome.failed(sequence, e);
      return false;
    }
  }

  private void computed(Sequence sequence, int tokens) {
    sequence.commit(tokens);
    outcome.computed(sequence, tokens);
  }

  /**
   * The token drawn; {@link Answers#NO_TOKEN} if none could be. What goes wrong here, in a
   * constraint say, is one request's: the others live.
   */
  private int grow(Sequence sequence, int index) {
    try {
      return answers.grow(sequence, index);
    } catch (StackOverflowError | RuntimeException e) {
      outcome.failed(sequence, Failures.of(e));
    }
    return Answers.NO_TOKEN;
  }
}
