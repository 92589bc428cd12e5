package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.Caller;
import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.engine.Simulation.Seen;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What no row holds any more comes back from the store of beginnings; over a fake decoder. */
class PrefixReuseTest {
  private final Simulation simulation = Simulation.of(1, 40);

  private static int[] prompt(int seed, int length) {
    return new Random(seed).ints(length, 3, 46).toArray();
  }

  private static GenerateRequest request(int[] prompt, int tokens) {
    return GenerateRequest.of(prompt, Ending.after(tokens).ignoringEndTokens());
  }

  private Seen answered(GenerateRequest request) {
    Mailbox mailbox = simulation.submit(request);
    simulation.finish();
    return Simulation.read(mailbox, 1);
  }

  private static int cached(Seen seen) {
    return seen.usage.orElseThrow().cachedTokens();
  }

  @Test
  void beginning_comesBackAfterItsRowWasOverwritten() {
    GenerateRequest asked = request(prompt(1, 100), 20);
    List<Integer> first = answered(asked).only();
    assertThat(simulation.scheduler.placement().prefixes().statistics().tokens()).isZero();
    answered(request(prompt(2, 120), 5));
    assertThat(simulation.scheduler.placement().prefixes().statistics().tokens()).isEqualTo(119);
    Seen again = answered(asked);
    assertThat(cached(again)).isEqualTo(99);
    assertThat(again.only()).isEqualTo(first);
    assertThat(simulation.decoder.loaded).isEqualTo(99);
    int[] turn = Arrays.copyOf(asked.prompt(), 130);
    for (int i = 0; i < 20; i++) {
      turn[100 + i] = first.get(i);
    }
    answered(request(prompt(3, 50), 5));
    assertThat(cached(answered(request(turn, 5)))).as("with the answer").isEqualTo(119);
    assertThat(simulation.ledger.cachedTokens.sum()).isEqualTo(99 + 119);
  }

  @Test
  void beginning_isOfOneTenantAndOneAdapterAlone() {
    int[] prompt = prompt(1, 100);
    Caller one = Caller.of("one");
    answered(request(prompt, 5).with(one));
    answered(request(prompt(2, 100), 5).with(one));
    assertThat(cached(answered(request(prompt, 5).with(Caller.of("two"))))).isZero();
    assertThat(cached(answered(request(prompt, 5).with(one).withAdapter("polite")))).isZero();
    assertThat(cached(answered(request(prompt, 5).with(one).withAdapter("rude")))).isZero();
    assertThat(simulation.decoder.loaded).isZero();
    assertThat(cached(answered(request(prompt, 5).with(one)))).isEqualTo(99);
    assertThat(cached(answered(request(prompt, 5).with(one).withAdapter("polite")))).isEqualTo(99);
  }

  @Test
  void rowThatHoldsAsMuch_isTakenInsteadOfTheStore() {
    int[] prompt = prompt(1, 100);
    answered(request(prompt, 5));
    answered(request(prompt(2, 100), 5));
    answered(request(prompt, 5));
    int loaded = simulation.decoder.loaded;
    assertThat(loaded).isEqualTo(99);
    assertThat(cached(answered(request(prompt, 30)))).isEqualTo(99);
    assertThat(simulation.decoder.loaded).isEqualTo(loaded);
  }

  @Test
  void fewTokensInTheStore_areComputedAnew() {
    int[] head = prompt(1, PrefixStore.LEAST_COPY - 1);
    int[] prompt = Arrays.copyOf(head, 100);
    System.arraycopy(prompt(2, 100), 0, prompt, head.length, 100 - head.length);
    answered(request(prompt, 5));
    answered(request(prompt(3, 100), 5));
    int[] other = Arrays.copyOf(head, 100);
    System.arraycopy(prompt(4, 100), 0, other, head.length, 100 - head.length);
    other[head.length] = prompt[head.length] == 3 ? 4 : 3;
    assertThat(cached(answered(request(other, 5)))).isZero();
  }

  @Test
  void preemptedAnswer_comesBackFromTheStore() {
    GenerateRequest low = request(prompt(1, 150), 100).with(Caller.USUAL.withPriority(8));
    List<Integer> alone = answered(low).only();
    Simulation shared = Simulation.of(1, 40);
    Mailbox preempted = shared.submit(low);
    for (int i = 0; i < 60; i++) {
      shared.step();
    }
    int before = shared.decoder.runs;
    Mailbox urgent = shared.submit(request(prompt(2, 150), 5).with(Caller.USUAL.withPriority(1)));
    shared.finish();
    assertThat(shared.ledger.preemptions.sum()).isEqualTo(1);
    assertThat(Simulation.read(urgent, 1).only()).hasSize(5);
    assertThat(Simulation.read(preempted, 1).only()).isEqualTo(alone);
    assertThat(shared.decoder.loaded).as("prompt and half an answer").isGreaterThan(170);
    assertThat(shared.decoder.runs - before).as("no prompt computed twice").isLessThan(75);
  }

  @Test
  void answerGivenUpInItsPrompt_leavesWhatWasComputed() {
    int[] prompt = prompt(1, 200);
    Mailbox mailbox = simulation.submit(request(prompt, 5));
    for (int i = 0; i < 5; i++) {
      simulation.step();
    }
    mailbox.cancel();
    simulation.step();
    answered(request(prompt(2, 100), 5));
    assertThat(cached(answered(request(prompt, 5)))).isEqualTo(5 * 16);
  }

  @Test
  void failedRun_leavesNothingInTheStore() {
    int[] prompt = prompt(1, 100);
    prompt[90] = FakeDecoder.BOMB;
    assertThat(answered(request(prompt, 5)).failure).isPresent();
    answered(request(prompt(2, 100), 5));
    assertThat(simulation.scheduler.placement().prefixes().statistics().tokens()).isZero();
  }

  @Test
  void budget_isHeldWhateverComes() {
    Simulation small = Simulation.of(2, 5);
    for (int i = 0; i < 30; i++) {
      Mailbox mailbox =
          small.submit(request(prompt(i % 7, 60 + i), 10).with(Caller.of("t" + i % 3)));
      small.finish();
      assertThat(Simulation.read(mailbox, 1).only()).hasSize(10);
    }
    var figures = small.scheduler.placement().prefixes().statistics();
    assertThat(figures.bytes()).isPositive().isLessThanOrEqualTo(figures.budget());
    assertThat(figures.budget()).isEqualTo(5 * small.decoder.blockBytes());
  }
}
