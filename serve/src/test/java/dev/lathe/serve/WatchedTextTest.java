package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.generate.GenerateEvent.Completed;
import dev.lathe.generate.GenerateEvent.Timing;
import dev.lathe.generate.GenerateEvent.Token;
import dev.lathe.generate.GenerateEvent.Usage;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.DeploymentPlan.Canary;
import dev.lathe.registry.DeploymentPlan.RollbackRule;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.trial.Counts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** What a trial hears of texts. */
class WatchedTextTest {
  private static final Place PROD = Place.live(ModelName.parse("demo/poet"), "prod");
  private final Trial trial =
      new Trial(
          PROD,
          DeploymentPlan.of("v1")
              .withCanary(new Canary("v2", Optional.of(50.0), Optional.empty()))
              .withRollbackOr(RollbackRule.USUAL),
          new Trial.Parts(
              new Followers(new AddingSource(), null, Duration.ZERO), new Mirror(() -> false)));

  private static Usage usage(int tokens) {
    return new Usage(5, 0, tokens, new Timing(1_000_000, 40_000_000, 100_000_000));
  }

  private static Token token(int number) {
    return new Token(0, number, "", Optional.empty());
  }

  private Counts seen(LatheException end, GenerateEvent... events) {
    TextOnlooker onlooker = trial.textOnlooker(Place.Role.CANARY, Visit.NONE, "v2");
    try (TextStream stream = new WatchedText(new Told(List.of(events), end), onlooker)) {
      while (stream.next().isPresent()) {
        Thread.onSpinWait();
      }
    } catch (LatheException e) {
      assertThat(e).isSameAs(end);
    }
    return trial.window(Place.Role.CANARY).total();
  }

  @Test
  void textThatIsWhole_countsWithItsFirstTokenAndThoseAfterIt() {
    Counts counts = seen(null, token(1), token(2), token(3), token(4), new Completed(usage(4)));
    assertThat(counts.requests()).isEqualTo(1);
    assertThat(counts.latencies().millis(0.5)).isBetween(36.0, 44.0);
    assertThat(counts.tokens().millis(0.5)).isBetween(18.0, 22.0);
  }

  @Test
  void scoresThatAreNoNumbers_andFailuresOfTheEngine_count() {
    assertThat(seen(why(GenerateError.NOT_FINITE), token(1)).failures().part()).isEqualTo(1);
    assertThat(seen(why(GenerateError.FAILED)).failures().part()).isEqualTo(2);
  }

  @Test
  void whatItsCallerEnds_doesNotCount() {
    assertThat(seen(why(GenerateError.ABANDONED), token(1)).requests()).isZero();
    assertThat(seen(why(GenerateError.DEADLINE_PASSED), token(1)).requests()).isZero();
    assertThat(seen(why(GenerateError.DEADLINE_PASSED)).requests()).isZero();
    assertThat(seen(why(GenerateError.DEAD_END), token(1)).requests()).isZero();
  }

  @Test
  void versionThatPlaysNoPart_isNotHeardOf() {
    assertThat(trial.textOnlooker(Place.Role.CANARY, Visit.NONE, "v3"))
        .isSameAs(TextOnlooker.NOBODY);
    assertThat(trial.answers(Visit.NONE)).as("no lot without a name").isEqualTo(Place.Role.LIVE);
  }

  private static LatheException why(GenerateError code) {
    return new LatheException(code, "for a test");
  }

  /** A stream that was written down. */
  private static final class Told implements TextStream {
    private final Queue<GenerateEvent> events;
    private final LatheException end;

    Told(List<GenerateEvent> events, LatheException end) {
      this.events = new ArrayDeque<>(events);
      this.end = end;
    }

    @Override
    public Optional<GenerateEvent> next() {
      if (events.isEmpty() && end != null) {
        throw end;
      }
      return Optional.ofNullable(events.poll());
    }

    @Override
    public void cancel() {}

    @Override
    public long workedNanos() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
