package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.ir.LatheException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A scheduler over a fake decoder, on a clock that goes on by a millisecond with each step. */
final class Simulation {
  static final Set<Integer> ENDS = Set.of(2);

  final FakeDecoder decoder;
  final Ledger ledger = new Ledger(this::nanos);
  final Scheduler scheduler;
  private final List<Mailbox> gone = new ArrayList<>();
  private long nanos = 1;
  private long order;

  Simulation(FakeDecoder decoder, int chunk, int draft) {
    this.decoder = decoder;
    this.scheduler =
        new Scheduler(
            decoder,
            new Scheduler.Setting(
                new Computation.Sizes(chunk, draft),
                new Ends(ENDS, List.of()),
                request -> new Letters()),
            ledger);
  }

  /** Rows, and blocks for beginnings outside them. */
  static Simulation of(int rows, int blocks) {
    return new Simulation(new FakeDecoder(400, List.of(new Arena(rows, 400)), blocks), 16, 4);
  }

  static Simulation of(int rows) {
    return new Simulation(new FakeDecoder(400, List.of(new Arena(rows, 400))), 16, 4);
  }

  /** Token t is the letter A + t. */
  static final class Letters implements Voice {
    @Override
    public String push(int token) {
      return String.valueOf((char) ('A' + token));
    }

    @Override
    public String finish() {
      return "";
    }
  }

  private long nanos() {
    return nanos;
  }

  void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  Mailbox submit(GenerateRequest request) {
    Mailbox mailbox = new Mailbox(gone::add, this::nanos);
    Job job =
        new Job(
            new Job.Asked(
                request,
                request.sampling().seed().orElse(0L),
                new AdapterRack.Use(
                    request.adapter(), request.adapter().isEmpty() ? 0 : 1, () -> {})),
            new Job.Arrival(nanos, order++),
            mailbox);
    scheduler.add(job);
    return mailbox;
  }

  /** One step, and everything in its place after it. */
  void step() {
    pass(1);
    gone.forEach(scheduler::cancel);
    gone.clear();
    scheduler.step();
    check();
  }

  void finish() {
    for (int i = 0; scheduler.isBusy(); i++) {
      assertThat(i).as("steps").isLessThan(100_000);
      step();
    }
    assertThat(scheduler.waiting()).isZero();
    assertThat(scheduler.running()).isZero();
    assertThat(scheduler.tenants().size()).isZero();
  }

  private void check() {
    int owned = 0;
    int sequences = 0;
    Map<Sequence, Row> owners = new HashMap<>();
    for (Row[] arena : scheduler.placement().rows()) {
      for (Row row : arena) {
        Sequence owner = row.owner();
        if (owner != null) {
          owned++;
          assertThat(owners.put(owner, row)).as("rows of one sequence").isNull();
          assertThat(owner.row()).isSameAs(row);
          assertThat(owner.isComplete()).isFalse();
          assertThat(owner.computed())
              .isBetween(0, owner.length() - (owner.scoresPrompt() ? 0 : 1));
          assertThat(owner.length()).isLessThanOrEqualTo(Math.min(row.capacity(), owner.most()));
          assertThat(owner.job().sequences()).contains(owner);
          requireContent(row, owner.tokens());
        } else {
          assertThat(row.length()).isLessThan(row.capacity());
        }
      }
    }
    for (Job job : scheduler.jobs()) {
      sequences += job.sequences().size();
    }
    PrefixChecks.requireWhole(scheduler.placement().prefixes(), decoder);
    assertThat(scheduler.running()).isEqualTo(owned);
    assertThat(scheduler.waiting() + owned).isEqualTo(sequences);
  }

  private void requireContent(Row row, int[] tokens) {
    int[] content = decoder.content(row.spot());
    int differs = Arrays.mismatch(content, 0, row.length(), tokens, 0, row.length());
    assertThat(differs).as("place in %s where the cache is another's", row.spot()).isNegative();
  }

  /** What a reader saw. */
  static final class Seen {
    final List<List<Integer>> tokens = new ArrayList<>();
    final List<StringBuilder> texts = new ArrayList<>();
    final Map<Integer, GenerateEvent.Finished> ends = new HashMap<>();
    final List<GenerateEvent.Scored> scored = new ArrayList<>();
    List<GenerateEvent.Scored> prompt = List.of();
    Optional<GenerateEvent.Usage> usage = Optional.empty();
    Optional<LatheException> failure = Optional.empty();

    FinishReason reason() {
      return ends.get(0).reason();
    }

    List<Integer> only() {
      return tokens.getFirst();
    }

    String text() {
      return texts.getFirst().toString();
    }
  }

  /** All events of a stream that has ended. */
  static Seen read(dev.lathe.generate.TextStream stream, int choices) {
    Seen seen = new Seen();
    for (int i = 0; i < choices; i++) {
      seen.tokens.add(new ArrayList<>());
      seen.texts.add(new StringBuilder());
    }
    try {
      for (Optional<GenerateEvent> event = stream.next();
          event.isPresent();
          event = stream.next()) {
        see(seen, event.get());
      }
    } catch (LatheException e) {
      seen.failure = Optional.of(e);
    }
    return seen;
  }

  private static void see(Seen seen, GenerateEvent event) {
    assertThat(seen.usage).as("nothing after the end").isEmpty();
    switch (event) {
      case GenerateEvent.Token token -> {
        assertThat(seen.ends).doesNotContainKey(token.choice());
        seen.tokens.get(token.choice()).add(token.token());
        seen.texts.get(token.choice()).append(token.text());
        token.scored().ifPresent(seen.scored::add);
      }
      case GenerateEvent.Finished end -> {
        assertThat(seen.ends.put(end.choice(), end)).isNull();
        seen.texts.get(end.choice()).append(end.text());
      }
      case GenerateEvent.PromptScored prompt -> seen.prompt = prompt.tokens();
      case GenerateEvent.Completed end -> seen.usage = Optional.of(end.usage());
    }
  }
}
