package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.generate.Caller;
import dev.lathe.generate.Ending;
import dev.lathe.generate.FinishReason;
import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Probabilities;
import dev.lathe.generate.Sampling;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.generate.engine.Simulation.Seen;
import dev.lathe.generate.sample.Adjust;
import dev.lathe.generate.sample.Sampler;
import dev.lathe.generate.sample.Seed;
import dev.lathe.generate.sample.TokenCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who runs when, and that nobody's answer depends on it; over a fake decoder. */
class SchedulerTest {
  private static final Sampling PENALIZED =
      Sampling.PLAIN.withTopK(20).withPenalties(new Sampling.Penalties(1.2, 0.1, 0.1));

  private static int[] prompt(Random random, int length) {
    return IntStream.range(0, length).map(i -> random.nextInt(3, 46)).toArray();
  }

  private static GenerateRequest request(int[] prompt, int tokens) {
    return GenerateRequest.of(prompt, Ending.after(tokens).ignoringEndTokens());
  }

  @Test
  void timeOfWork_isWithoutTheWaitBeforeAndTheReaderAfter() {
    Simulation simulation = Simulation.of(1);
    Mailbox mailbox = simulation.submit(request(new int[] {3, 4, 5}, 4));
    simulation.pass(500);
    assertThat(mailbox.workedNanos()).isZero();
    simulation.step();
    simulation.pass(100);
    assertThat(Duration.ofNanos(mailbox.workedNanos())).hasMillis(100);
    simulation.finish();
    long worked = mailbox.workedNanos();
    simulation.pass(1000);
    assertThat(mailbox.workedNanos()).isEqualTo(worked).isLessThan(200_000_000);
  }

  @Test
  void timeOfWork_endsWhenTheRequestIsGivenUp() {
    Simulation simulation = Simulation.of(1);
    Mailbox mailbox = simulation.submit(request(new int[] {3, 4, 5}, 200));
    Mailbox waiting = simulation.submit(request(new int[] {3, 4, 5}, 200));
    simulation.step();
    mailbox.cancel();
    waiting.cancel();
    simulation.step();
    simulation.pass(1000);
    assertThat(Duration.ofNanos(mailbox.workedNanos())).hasMillis(1);
    assertThat(waiting.workedNanos()).isZero();
  }

  /** The answer as a plain loop makes it. */
  private static List<Integer> plain(GenerateRequest request, int choice, int context) {
    int[] tokens = Arrays.copyOf(request.prompt(), context + 1);
    int length = request.prompt().length;
    Seed seed = Seed.of(request.sampling().seed().orElse(0L), choice);
    Sampler sampler = new Sampler(FakeDecoder.VOCABULARY);
    TokenCounts counts = new TokenCounts();
    Arrays.stream(request.prompt()).forEach(counts::seen);
    List<Integer> answer = new ArrayList<>();
    while (answer.size() < request.ending().maxTokens() && length < context) {
      float[] scores = FakeDecoder.scores(tokens, length);
      Adjust.penalize(scores, request.sampling(), counts);
      int token = sampler.draw(scores, request.sampling(), seed.at(answer.size()));
      if (request.ending().end() == Ending.EndTokens.END && Simulation.ENDS.contains(token)) {
        return answer;
      }
      tokens[length++] = token;
      counts.said(token);
      answer.add(token);
    }
    return answer;
  }

  @Test
  void answers_areThoseOfAPlainLoop() {
    Random random = new Random(1);
    for (Sampling sampling : List.of(Sampling.GREEDY, Sampling.PLAIN.withSeed(5), PENALIZED)) {
      GenerateRequest request = request(prompt(random, 37), 50).with(sampling).withChoices(3);
      Simulation simulation = Simulation.of(4);
      Mailbox mailbox = simulation.submit(request);
      simulation.finish();
      Seen seen = Simulation.read(mailbox, 3);
      for (int choice = 0; choice < 3; choice++) {
        assertThat(seen.tokens.get(choice)).isEqualTo(plain(request, choice, 400));
      }
      assertThat(seen.usage.orElseThrow().answerTokens()).isEqualTo(150);
      assertThat(seen.reason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void guesses_doNotChangeAnswersAndSaveRuns() {
    Random random = new Random(2);
    int[] prompt = prompt(random, 5);
    for (Sampling sampling : List.of(Sampling.GREEDY, Sampling.PLAIN.withTemperature(0.3))) {
      GenerateRequest request = request(prompt, 300).with(sampling.withSeed(3));
      int[] runs = new int[2];
      List<List<Integer>> answers = new ArrayList<>();
      for (int draft : new int[] {0, 6}) {
        Simulation simulation =
            new Simulation(new FakeDecoder(400, List.of(new Arena(2, 400))), 16, draft);
        Mailbox mailbox = simulation.submit(request);
        simulation.finish();
        answers.add(Simulation.read(mailbox, 1).only());
        runs[draft == 0 ? 0 : 1] = simulation.decoder.runs;
        assertThat(simulation.ledger.accepted.sum() > 0).isEqualTo(draft > 0);
      }
      assertThat(answers.get(1)).isEqualTo(answers.get(0));
      assertThat(runs[1]).isLessThan(runs[0]);
    }
  }

  @Test
  void storm_leaksNothingAndEveryAnswerIsItsOwn() {
    for (int seed = 0; seed < 6; seed++) {
      storm(seed, 400);
    }
  }

  private static void storm(int seed, int requests) {
    Random random = new Random(seed);
    int context = 150 + 50 * random.nextInt(3);
    List<Arena> arenas =
        random.nextBoolean()
            ? List.of(new Arena(1 + random.nextInt(6), context))
            : List.of(new Arena(3, 40), new Arena(2, 90), new Arena(2, context));
    Simulation simulation =
        new Simulation(
            new FakeDecoder(context, arenas, random.nextInt(3) * 10),
            1 + random.nextInt(30),
            random.nextInt(3) * 3);
    Map<Mailbox, GenerateRequest> submitted = new HashMap<>();
    List<int[]> heads = List.of(prompt(random, 20), prompt(random, 33), prompt(random, 5));
    for (int i = 0; i < requests; ) {
      if (random.nextInt(4) == 0) {
        GenerateRequest request = stormy(random, heads, context);
        submitted.put(simulation.submit(request), request);
        i++;
      }
      if (random.nextInt(12) == 0 && !submitted.isEmpty()) {
        new ArrayList<>(submitted.keySet()).get(random.nextInt(submitted.size())).cancel();
      }
      simulation.step();
    }
    simulation.finish();
    int complete = 0;
    for (Map.Entry<Mailbox, GenerateRequest> one : submitted.entrySet()) {
      GenerateRequest request = one.getValue();
      Seen seen = Simulation.read(one.getKey(), request.choices());
      if (seen.failure.isEmpty()) {
        complete++;
        for (int choice = 0; choice < request.choices(); choice++) {
          assertThat(seen.tokens.get(choice))
              .as("seed %d, choice %d of %s", seed, choice, request)
              .isEqualTo(plain(request, choice, context));
        }
      }
    }
    assertThat(complete).isGreaterThan(requests / 5);
    assertThat(simulation.ledger.finished.sum()).isEqualTo(complete);
    assertThat(simulation.ledger.failed.sum()).isEqualTo(submitted.size() - complete);
  }

  private static GenerateRequest stormy(Random random, List<int[]> heads, int context) {
    int[] head = heads.get(random.nextInt(heads.size()));
    int[] tail = prompt(random, random.nextInt(1, 30));
    int[] prompt = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, prompt, head.length, tail.length);
    Ending ending = Ending.after(random.nextInt(0, context));
    GenerateRequest request =
        GenerateRequest.of(prompt, random.nextBoolean() ? ending : ending.ignoringEndTokens())
            .withChoices(random.nextInt(5) == 0 ? random.nextInt(1, 5) : 1)
            .with(
                new Caller(
                    "t" + random.nextInt(3),
                    random.nextInt(1, 10),
                    random.nextInt(6) == 0
                        ? Duration.ofMillis(random.nextInt(1, 200))
                        : Duration.ZERO));
    return switch (random.nextInt(3)) {
      case 0 -> request;
      case 1 -> request.with(Sampling.PLAIN.withSeed(random.nextLong()));
      default -> request.with(PENALIZED.withSeed(random.nextLong()));
    };
  }

  @Test
  void prefix_isReusedInPlaceAndByCopy() {
    Random random = new Random(4);
    int[] prompt = prompt(random, 120);
    Simulation simulation = Simulation.of(4);
    Mailbox first = simulation.submit(request(prompt, 10));
    simulation.finish();
    assertThat(Simulation.read(first, 1).usage.orElseThrow().cachedTokens()).isZero();

    Mailbox again = simulation.submit(request(prompt, 10));
    Mailbox beside = simulation.submit(request(prompt, 12));
    simulation.finish();
    assertThat(Simulation.read(again, 1).usage.orElseThrow().cachedTokens()).isEqualTo(119);
    Seen seen = Simulation.read(beside, 1);
    assertThat(seen.usage.orElseThrow().cachedTokens()).isEqualTo(119);
    assertThat(seen.only()).isEqualTo(plain(request(prompt, 12), 0, 400));
    assertThat(simulation.decoder.copied).isEqualTo(119);
  }

  @Test
  void prefix_ofAnotherTenantOrAdapterIsNotReused() {
    int[] prompt = prompt(new Random(5), 100);
    Simulation simulation = Simulation.of(4);
    simulation.submit(request(prompt, 1).with(Caller.of("one")));
    simulation.finish();
    Mailbox other = simulation.submit(request(prompt, 1).with(Caller.of("two")));
    Mailbox adapted =
        simulation.submit(request(prompt, 1).with(Caller.of("one")).withAdapter("polite"));
    simulation.finish();
    assertThat(Simulation.read(other, 1).usage.orElseThrow().cachedTokens()).isZero();
    assertThat(Simulation.read(adapted, 1).usage.orElseThrow().cachedTokens()).isZero();
  }

  @Test
  void longAnswer_movesToALargerArena() {
    FakeDecoder decoder = new FakeDecoder(500, List.of(new Arena(1, 300), new Arena(1, 500)));
    Simulation simulation = new Simulation(decoder, 64, 0);
    GenerateRequest request = request(prompt(new Random(6), 20), 400);
    Mailbox mailbox = simulation.submit(request);
    simulation.finish();
    assertThat(Simulation.read(mailbox, 1).only()).isEqualTo(plain(request, 0, 500));
    assertThat(decoder.copied).isGreaterThan(290);
  }

  @Test
  void urgent_takesTheRowOfTheLeastUrgent() {
    Simulation simulation = Simulation.of(2);
    Random random = new Random(7);
    GenerateRequest low = request(prompt(random, 10), 100).with(Caller.USUAL.withPriority(8));
    GenerateRequest middle = request(prompt(random, 10), 100).with(Caller.USUAL.withPriority(5));
    GenerateRequest high = request(prompt(random, 10), 5).with(Caller.USUAL.withPriority(1));
    Mailbox a = simulation.submit(low);
    Mailbox b = simulation.submit(middle);
    for (int i = 0; i < 20; i++) {
      simulation.step();
    }
    Mailbox c = simulation.submit(high);
    for (int i = 0; i < 8; i++) {
      simulation.step();
    }
    assertThat(Simulation.read(c, 1).only()).isEqualTo(plain(high, 0, 400));
    simulation.finish();
    assertThat(simulation.ledger.preemptions.sum()).isEqualTo(1);
    assertThat(Simulation.read(a, 1).only()).isEqualTo(plain(low, 0, 400));
    assertThat(Simulation.read(b, 1).only()).isEqualTo(plain(middle, 0, 400));
  }

  @Test
  void tenants_getEqualShares() {
    Simulation simulation = Simulation.of(1);
    Random random = new Random(8);
    List<Mailbox> many = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      many.add(simulation.submit(request(prompt(random, 5), 20).with(Caller.of("greedy"))));
    }
    Mailbox few = simulation.submit(request(prompt(random, 5), 20).with(Caller.of("modest")));
    simulation.finish();
    long wait = Simulation.read(few, 1).usage.orElseThrow().timing().totalNanos();
    long last = Simulation.read(many.getLast(), 1).usage.orElseThrow().timing().totalNanos();
    assertThat(wait).isLessThan(last / 5);
  }

  @Test
  void waiting_raisesWhoIsLessUrgent() {
    Simulation simulation = Simulation.of(1);
    Random random = new Random(9);
    Mailbox low =
        simulation.submit(request(prompt(random, 5), 10).with(Caller.USUAL.withPriority(9)));
    simulation.pass(9 * Line.LEVEL_NANOS / 1_000_000);
    List<Mailbox> high = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      high.add(simulation.submit(request(prompt(random, 5), 10)));
    }
    simulation.step();
    simulation.finish();
    long lowEnd = Simulation.read(low, 1).usage.orElseThrow().timing().totalNanos();
    long highEnd = Simulation.read(high.getFirst(), 1).usage.orElseThrow().timing().totalNanos();
    assertThat(lowEnd - 9 * Line.LEVEL_NANOS).isLessThan(highEnd);
  }

  @Test
  void poison_failsItsRequestOnly() {
    Simulation simulation = Simulation.of(4);
    Random random = new Random(10);
    GenerateRequest good = request(prompt(random, 10), 30);
    Mailbox one = simulation.submit(good);
    Mailbox bad = simulation.submit(request(new int[] {5, FakeDecoder.POISON}, 10));
    simulation.finish();
    assertThat(Simulation.read(bad, 1).failure.orElseThrow().code())
        .isEqualTo(GenerateError.NOT_FINITE);
    assertThat(Simulation.read(one, 1).only()).isEqualTo(plain(good, 0, 400));
  }

  @Test
  void failedRun_failsItsRequestsOnly() {
    Simulation simulation = Simulation.of(4);
    GenerateRequest good = request(prompt(new Random(11), 10), 30);
    Mailbox one = simulation.submit(good);
    Mailbox bad = simulation.submit(request(new int[] {5, FakeDecoder.BOMB, 6}, 10));
    simulation.finish();
    assertThat(Simulation.read(bad, 1).failure.orElseThrow()).hasMessage("the bomb");
    assertThat(Simulation.read(one, 1).only()).isEqualTo(plain(good, 0, 400));
  }

  @Test
  void deadline_failsWhatRunsAndWhatWaits() {
    Simulation simulation = Simulation.of(1);
    Random random = new Random(12);
    Caller hasty = Caller.USUAL.withTimeout(Duration.ofMillis(20));
    Mailbox runs = simulation.submit(request(prompt(random, 5), 300).with(hasty));
    Mailbox waits = simulation.submit(request(prompt(random, 5), 300).with(hasty));
    simulation.finish();
    assertThat(Simulation.read(runs, 1).failure.orElseThrow().code())
        .isEqualTo(GenerateError.DEADLINE_PASSED);
    assertThat(Simulation.read(waits, 1).failure.orElseThrow().code())
        .isEqualTo(GenerateError.DEADLINE_PASSED);
  }

  @Test
  void stop_endsTheAnswerAcrossTokensAndIsNotPartOfIt() {
    GenerateRequest plain = request(prompt(new Random(13), 9), 40);
    Simulation simulation = Simulation.of(2);
    Mailbox whole = simulation.submit(plain);
    simulation.finish();
    String text = Simulation.read(whole, 1).text();
    String stop = text.substring(10, 13);
    int at = text.indexOf(stop);

    Ending ending = Ending.after(40).ignoringEndTokens().withStops(List.of("never", stop));
    Mailbox stopped = simulation.submit(GenerateRequest.of(plain.prompt(), ending));
    Mailbox later =
        simulation.submit(GenerateRequest.of(plain.prompt(), ending.withMinTokens(at + 3)));
    simulation.finish();
    Seen seen = Simulation.read(stopped, 1);
    assertThat(seen.text()).isEqualTo(text.substring(0, at));
    assertThat(seen.reason()).isEqualTo(FinishReason.STOP);
    assertThat(seen.ends.get(0).stop()).isEqualTo(stop);
    assertThat(seen.ends.get(0).tokens()).isEqualTo(at + 3);
    assertThat(Simulation.read(later, 1).text().length()).isGreaterThan(at + 2);
  }

  @Test
  void endTokens_areNotSaidBeforeTheLeastLength() {
    int[] prompt = prompt(new Random(14), 9);
    Sampling ending = Sampling.GREEDY.withBias(Map.of(2, 100f));
    Simulation simulation = Simulation.of(2);
    Mailbox at = simulation.submit(GenerateRequest.of(prompt, Ending.after(40)).with(ending));
    Mailbox after =
        simulation.submit(
            GenerateRequest.of(prompt, Ending.after(40).withMinTokens(7)).with(ending));
    Mailbox own =
        simulation.submit(
            GenerateRequest.of(prompt, Ending.after(40).withStopTokens(Set.of(9)))
                .with(Sampling.GREEDY.withBias(Map.of(9, 100f))));
    simulation.finish();
    Seen first = Simulation.read(at, 1);
    assertThat(first.only()).isEmpty();
    assertThat(first.ends.get(0).tokens()).isEqualTo(1);
    assertThat(Simulation.read(after, 1).only()).hasSize(7).doesNotContain(2);
    assertThat(Simulation.read(own, 1).ends.get(0).stop()).isEqualTo("9");
  }

  /** Says 5, then 6 or 7, then 8, 9, 10, as often as wanted. */
  private record Round(int place) implements TokenConstraint {
    private static final int[][] STEPS = {{5}, {6, 7}, {8}, {9}, {10}};

    @Override
    public long[] allowed() {
      long word = 0;
      for (int token : STEPS[place]) {
        word |= 1L << token;
      }
      return new long[] {word};
    }

    @Override
    public TokenConstraint after(int token) {
      assertThat(STEPS[place]).contains(token);
      return new Round((place + 1) % STEPS.length);
    }

    @Override
    public int[] forced() {
      return place < 2 ? new int[0] : Arrays.copyOfRange(new int[] {5, 6, 8, 9, 10}, place, 5);
    }

    @Override
    public boolean mayEnd() {
      return place == 0;
    }

    @Override
    public boolean finished() {
      return false;
    }
  }

  @Test
  void constraint_isKeptAndWhatItForcesIsNotComputedAlone() {
    GenerateRequest request =
        GenerateRequest.of(prompt(new Random(17), 9), Ending.after(40).withMinTokens(30))
            .with(Sampling.PLAIN.withSeed(4))
            .with(new Round(0));
    List<List<Integer>> answers = new ArrayList<>();
    int[] runs = new int[2];
    for (int i = 0; i < 2; i++) {
      Simulation simulation =
          new Simulation(new FakeDecoder(400, List.of(new Arena(2, 400))), 16, 4 * i);
      Mailbox mailbox =
          simulation.submit(i == 0 ? request : request.with(Probabilities.ofAnswer(1)));
      simulation.finish();
      Seen seen = Simulation.read(mailbox, 1);
      answers.add(seen.only());
      runs[i] = simulation.decoder.runs;
      assertThat(seen.only().size()).isGreaterThanOrEqualTo(30);
    }
    List<Integer> said = answers.getFirst();
    for (int i = 0; i < said.size(); i++) {
      assertThat(Round.STEPS[i % 5]).contains(said.get(i));
    }
    assertThat(answers.get(1)).isEqualTo(said);
    assertThat(runs[0]).isLessThan(3 * said.size() / 5);
  }

  @Test
  void constraintThatFails_failsItsRequestOnly() {
    TokenConstraint broken =
        new TokenConstraint() {
          @Override
          public long[] allowed() {
            throw new IllegalStateException("broken");
          }

          @Override
          public TokenConstraint after(int token) {
            return this;
          }

          @Override
          public int[] forced() {
            return new int[0];
          }

          @Override
          public boolean mayEnd() {
            return false;
          }

          @Override
          public boolean finished() {
            return false;
          }
        };
    Simulation simulation = Simulation.of(2);
    GenerateRequest good = request(prompt(new Random(18), 10), 20);
    Mailbox bad = simulation.submit(good.with(broken));
    Mailbox one = simulation.submit(good);
    simulation.finish();
    assertThat(Simulation.read(bad, 1).failure.orElseThrow().code())
        .isEqualTo(GenerateError.FAILED);
    assertThat(Simulation.read(one, 1).only()).isEqualTo(plain(good, 0, 400));
  }

  @Test
  void constraintWithoutAWayOn_isADeadEnd() {
    Simulation simulation = Simulation.of(2);
    GenerateRequest request =
        request(prompt(new Random(19), 10), 20)
            .with(new Round(1))
            .with(Sampling.GREEDY.withBias(Map.of()));
    Mailbox mailbox =
        simulation.submit(
            request.with(request.ending().withStopTokens(Set.of(6, 7)).withMinTokens(3)));
    simulation.finish();
    assertThat(Simulation.read(mailbox, 1).failure.orElseThrow().code())
        .isEqualTo(GenerateError.DEAD_END);
  }

  @Test
  void probabilities_areToldForPromptAndAnswer() {
    int[] prompt = prompt(new Random(15), 40);
    Simulation simulation = Simulation.of(2);
    simulation.submit(request(prompt, 3));
    simulation.finish();
    Mailbox mailbox =
        simulation.submit(request(prompt, 5).with(Probabilities.ofAnswer(2).withPrompt(3)));
    Mailbox only = simulation.submit(request(prompt, 0).with(Probabilities.NONE.withPrompt(0)));
    simulation.finish();
    Seen seen = Simulation.read(mailbox, 1);
    assertThat(seen.prompt).hasSize(40);
    assertThat(seen.prompt.getFirst().logprob()).isNaN();
    int[] text = Arrays.copyOf(prompt, 45);
    for (int i = 0; i < 5; i++) {
      text[40 + i] = seen.only().get(i);
    }
    for (int i = 1; i < 45; i++) {
      GenerateEvent.Scored scored = i < 40 ? seen.prompt.get(i) : seen.scored.get(i - 40);
      assertThat(scored.token()).isEqualTo(text[i]);
      assertThat(scored.best()).hasSize(i < 40 ? 3 : 2);
      assertThat((double) scored.logprob()).isCloseTo(logprob(text, i), within(1e-5));
    }
    Seen echo = Simulation.read(only, 1);
    assertThat(echo.prompt).hasSize(40);
    assertThat(echo.only()).isEmpty();
    assertThat(echo.reason()).isEqualTo(FinishReason.LENGTH);
  }

  private static double logprob(int[] text, int place) {
    float[] scores = FakeDecoder.scores(text, place);
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score);
    }
    return scores[text[place]] - Math.log(sum);
  }

  @Test
  void sparseRows_areBroughtTogether() {
    Simulation simulation = Simulation.of(8);
    Random random = new Random(16);
    List<Mailbox> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(simulation.submit(request(prompt(random, 5), i == 0 || i == 7 ? 120 : 8)));
    }
    simulation.finish();
    assertThat(simulation.decoder.idleRows).isLessThan(60);
    assertThat(Simulation.read(all.getLast(), 1).only()).hasSize(120);
  }
}
